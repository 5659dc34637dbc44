"""The views as files."""
