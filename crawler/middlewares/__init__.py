"""What stands between a spider and the wire: robots.txt, retries, redirects."""
