"""What may be wrong here: the clock, silence, hosts, and all of it at once."""
