"""What anoncam costs: one file per kind of measurement."""
