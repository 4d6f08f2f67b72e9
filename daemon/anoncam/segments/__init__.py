"""A segment as a file: its name, its unfinished form, the MP4 boxes in it."""
