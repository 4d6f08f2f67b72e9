"""A segment as a file: its name, its form while it is written, and its MP4 boxes."""
