"""Sources of frames: one file per backend. The seam is the protocol in `source.py`."""
