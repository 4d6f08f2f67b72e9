"""How good detectors are: ``python -m tools.evaluate``."""
