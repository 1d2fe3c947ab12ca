"""Programs that train the models which cleaning ships as data."""
