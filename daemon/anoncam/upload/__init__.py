"""Copies finished segments and their evidence to another machine, by rclone."""
