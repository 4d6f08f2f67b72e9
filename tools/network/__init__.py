"""The network of the shipped detector, and the shapes of its inputs and outputs."""
