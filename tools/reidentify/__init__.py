"""How often attackers still name the person of a hidden face: ``python -m tools.reidentify``."""
