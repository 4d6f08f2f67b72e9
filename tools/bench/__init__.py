"""What anoncam costs: ``python -m tools.bench``."""
