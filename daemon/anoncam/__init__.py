"""anoncam: a camera that cannot leak faces."""

__version__ = "0.1.0"
