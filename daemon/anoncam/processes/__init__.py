"""Processes that anoncam starts: how they are spoken with, and what is taken from them."""
