"""The way of a frame: capture, examine, cover, record, each in a thread of its own around one window."""
