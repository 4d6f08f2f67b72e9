"""Many files, and long ones in chunks, on all cores or on many machines."""
