"""Starts `python -m tools.reidentify`, or says which package it misses."""

from tools.common.errors import start

if __name__ == "__main__":
    start("tools.reidentify.command")
