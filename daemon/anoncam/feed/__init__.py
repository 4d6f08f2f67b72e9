"""The feed: the one socket by which anonymized footage and status leave the daemon; readers."""
