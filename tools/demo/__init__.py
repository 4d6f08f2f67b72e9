"""``make demo``: footage of a moving face, and the daemon on it."""
