"""Questions to the database, answered as plain rows; nothing is written."""
