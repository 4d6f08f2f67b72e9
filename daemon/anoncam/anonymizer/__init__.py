"""The only maker of frames that may leave."""
