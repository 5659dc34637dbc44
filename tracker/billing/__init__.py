"""What usage cost."""
