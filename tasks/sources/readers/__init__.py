"""The formats of files, a module each: see ``tasks.sources.reading.Reader``."""
