"""A simulation of the TFLite runtime: see `interpreter`."""
