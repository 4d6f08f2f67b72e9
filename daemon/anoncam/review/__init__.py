"""Coverage as a file: written, applied, corrected by hand, and shown on a sheet."""
