"""Frames, their pool of locked memory, and boxes in them."""
