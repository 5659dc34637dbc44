"""Where prices are read from: the registry of sources and how bodies are found."""
