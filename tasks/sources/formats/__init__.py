"""Readers of file formats, one module each; the protocol is ``formats.context.Reader``."""
