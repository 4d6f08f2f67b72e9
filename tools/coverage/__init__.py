"""The share of the labelled faces of a clip that is covered: ``python -m tools.coverage``."""
