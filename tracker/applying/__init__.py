"""From captures to rates and price changes."""
