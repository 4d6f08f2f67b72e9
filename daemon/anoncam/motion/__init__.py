"""What is read from raw frames before anything is decided: camera motion and scene cuts."""
