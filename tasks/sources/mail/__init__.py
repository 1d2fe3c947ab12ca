"""Letters as sources: what a mail says of itself, and the article in it."""
