"""The stages that a frame passes, each in its own thread, around one look-ahead window."""
