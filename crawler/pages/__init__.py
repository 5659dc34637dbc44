"""One pure parser per source: bytes in, quotes out, no network."""
