"""The evidence of what was recorded: one hash-chained record per segment, and its verification."""
