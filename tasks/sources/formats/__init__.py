"""The formats of files, a module each: see ``copydesk.tasks.sources.formats.context.Reader``."""
