"""Starts `python -m tools.reidentify.skin_tone`, or says which package it misses."""

from tools.common.errors import start

if __name__ == "__main__":
    start("tools.reidentify.skin_tone_areas")
