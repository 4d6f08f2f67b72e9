"""How good detectors are, side by side: ``python -m tools.evaluate``."""
