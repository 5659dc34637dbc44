"""What runs by itself: slots, the daemon, notices."""
