"""The database as a whole: backed up, copied, thinned, checked, upgraded."""
