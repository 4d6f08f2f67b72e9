"""The web page: log-in, live picture, recordings, health and zones, for a process of its own."""
