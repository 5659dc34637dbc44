"""Answers from what is stored: who is meant, what it costs, how it moved."""
