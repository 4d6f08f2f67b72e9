"""Whom the detector misses: misses and leaks by groups of people and by how they are shown."""
