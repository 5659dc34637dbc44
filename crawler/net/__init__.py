"""How a page is had: one exchange, bounded, checked, and only with public hosts."""
