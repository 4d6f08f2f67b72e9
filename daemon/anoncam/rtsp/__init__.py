"""Gives the live picture to players and recorders by RTSP, as it was encoded for the recordings."""
