"""Events: each change of state is reported once, to people, the journal and the event log.

The way of an event: `event` names and emits it. `log_lines` prints it, or `journal` sends it to
systemd. `event_log` keeps it on the disk, as often as `throttle` admits, and `event_log_reader`
reads it back. `redaction` masks passwords in all of them,
and `printable` escapes what is not safe to print.
"""
