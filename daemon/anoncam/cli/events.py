"""``anoncam events``: the daemon's own log of events."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import click

from anoncam.cli.output import show, show_error, show_json
from anoncam.cli.which_daemon import which_daemon
from anoncam.clock import local_text, parse_time
from anoncam.config.folders import Folders
from anoncam.events import event_log_reader
from anoncam.service import control_socket

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd])\w*(?:\s+ago)?")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

EXAMPLE = """\b
Examples:
  anoncam events --since 2h
  anoncam events --since "2026-01-31 18:00"
  anoncam events --json | jq 'select(.level == "error")'
  anoncam events --camera door    # of anoncam@door.service
"""


def when(
    _context: click.Context, _parameter: click.Parameter, value: str | None
) -> datetime | None:
    """The time in UTC that `value` names: a date, a date and time, or an age such as 2h.

    Without a time zone, `value` is local time.
    """
    if value is None:
        return None
    ago = _AGO.fullmatch(value.strip())
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: float(ago[1])})
        return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        text = f"{value} is not a time: give 2026-01-31, '2026-01-31 18:00', 90m, 2h or 7d"
        raise click.BadParameter(text) from error


@click.command(epilog=EXAMPLE)
@click.option(
    "--since",
    metavar="WHEN",
    callback=when,
    help="A date, a date and time, or an age: 90m, 2h, 7d.",
)
@click.option(
    "--json", "as_json", is_flag=True, help="Print a JSON object a line, with all fields."
)
@which_daemon
def events(places: list[Folders], since: datetime | None, as_json: bool) -> None:
    """Print the daemon's own log of events, oldest first.

    It survives power cuts; the journal of a Pi is kept in memory, and does not. At most 60 of one
    event are kept in an hour, and about 1 MB in all.
    """
    entries = [entry for entry in _read(places) if since is None or _at(entry) >= since]
    for entry in entries:
        if as_json:
            show_json(entry, indent=None)
        else:
            show(_line(entry))
    if not entries and not as_json:
        show_error("no events")


def _read(places: list[Folders]) -> list[dict[str, object]]:
    """The events of the first state folder that has some.

    Raises:
        NotRunningError: they may not be read.
    """
    for place in places:
        try:
            entries = event_log_reader.read(place.state)
        except PermissionError as error:
            raise control_socket.no_access(error, place.state) from error
        if entries:
            return entries
    return []


def _at(entry: Mapping[str, object]) -> datetime:
    at = parse_time(entry["at"])
    assert at is not None  # noqa: S101 - what has no time was not read
    return at


def _line(entry: Mapping[str, object]) -> str:
    at = local_text(_at(entry))
    skipped = f" [{entry['skipped']} more were not kept]" if entry.get("skipped") else ""
    message = "; ".join(str(entry.get("message")).split("\n"))
    return f"{at} {str(entry.get('level')).upper():<8} {entry['event']}: {message}{skipped}"
