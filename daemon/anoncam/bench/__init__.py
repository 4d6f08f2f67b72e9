"""How fast this machine anonymizes a video, for its owner to know and to tell."""
