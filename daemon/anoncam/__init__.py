"""anoncam: a camera that cannot leak faces."""

__version__ = "0.2.0"
