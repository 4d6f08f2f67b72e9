"""A simulation of Google's pycoral: see `utils.edgetpu`."""
