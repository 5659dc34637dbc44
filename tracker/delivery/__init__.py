"""Ways that a letter leaves: a mail server, a folder, a channel of another kind."""
