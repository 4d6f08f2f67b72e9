"""The share of faces that can still be seen in an output: ``python -m tools.leakrate``."""
