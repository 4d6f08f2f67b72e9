"""How many labelled faces of a clip are covered: ``python -m tools.coverage``."""
