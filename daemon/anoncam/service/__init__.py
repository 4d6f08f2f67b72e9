"""The daemon: its run loop, sessions, watchdog, control socket, status and the notices to
systemd.
"""
