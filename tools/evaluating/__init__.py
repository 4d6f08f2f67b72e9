"""How good a detector is: its average precision by the protocol of WIDER FACE, and what it misses."""
