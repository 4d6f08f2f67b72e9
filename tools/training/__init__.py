"""How the detector is trained: samples, assignment of cells to faces, losses, and the loop around them."""
