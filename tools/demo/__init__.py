"""The daemon on footage of a moving face: ``make demo``."""
