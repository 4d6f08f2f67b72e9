"""The training of the detector on labelled pictures: ``python -m tools.train``."""
