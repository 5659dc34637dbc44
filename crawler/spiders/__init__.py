"""One spider per source, a few lines each."""
