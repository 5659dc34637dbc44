"""Which schema the code expects; kept apart so that it costs nothing to import."""

HEAD = "0001"
"""The newest migration. A test holds it against the migrations themselves."""
