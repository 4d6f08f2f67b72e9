"""Metrics of the daemon for Prometheus, read from the feed."""
