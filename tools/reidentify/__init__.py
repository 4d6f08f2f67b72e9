"""Whether a covered person can still be named: ``python -m tools.reidentify``."""
