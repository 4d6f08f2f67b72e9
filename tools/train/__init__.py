"""How the detector is trained: ``python -m tools.train``."""
