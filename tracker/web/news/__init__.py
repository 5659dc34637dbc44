"""What happened: stories as pages tell them, headlines, entries of feeds."""
