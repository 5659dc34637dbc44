"""Keeping the database: checked, backed up, moved, thinned."""
