"""The web: one guarded client, polite by default, and the sources that read through it."""
