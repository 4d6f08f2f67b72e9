"""Compiles a model for the Edge TPU with Google's compiler, and refuses what is not whole on it."""
