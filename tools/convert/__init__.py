"""From a checkpoint to TFLite and CoreML files, verified: ``python -m tools.convert``."""
