"""Clips with exact labels, made of labelled pictures, in several kinds. They show people."""
