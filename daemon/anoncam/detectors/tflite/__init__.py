"""What runs a TFLite model inside the detector process, and reads its outputs."""
