"""Decoders for the outputs of a model: one file per kind of head."""
