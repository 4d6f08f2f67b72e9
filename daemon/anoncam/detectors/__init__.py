"""Detectors: they find the faces in a picture. The seam is the protocol in `detector.py`."""
