"""Covers faces in raw frames: only frames that it made may be recorded."""
