"""The daemon: its threads, sessions, watchdog, control socket, status and notices to systemd."""
