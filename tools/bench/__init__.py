"""What anoncam costs, beside a plain transcoding and deface: ``python -m tools.bench``."""
