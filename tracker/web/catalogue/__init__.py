"""Everything that is sold: found, filtered, sorted, put side by side."""
