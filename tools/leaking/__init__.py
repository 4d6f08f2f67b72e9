"""Whether faces can still be seen in an output video, whatever program made it."""
