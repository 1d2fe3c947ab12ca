"""Sources of the web and the guarded, polite HTTP client that they use."""
