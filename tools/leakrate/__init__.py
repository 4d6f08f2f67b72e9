"""How many faces can still be seen in an output video: ``python -m tools.leakrate``."""
