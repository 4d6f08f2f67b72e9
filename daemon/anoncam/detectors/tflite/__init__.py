"""What the child process uses to run a TFLite model and to read its outputs."""
