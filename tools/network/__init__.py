"""The network that anoncam ships, and the shapes of its inputs and outputs."""
