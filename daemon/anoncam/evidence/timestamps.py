"""Time stamps of a service after RFC 3161, made and checked by the program openssl."""

import base64
import json
import os
import re
import subprocess
import tempfile
import urllib.request
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from anoncam.clock import utc_text
from anoncam.errors import InputError
from anoncam.evidence.records import Record

_TIMEOUT = 30.0
"""Seconds that the service may take, and openssl."""

_LARGEST = 1 << 20
_TIME = re.compile(r"^Time stamp: (\w{3} +\d+ \d{2}:\d{2}:\d{2})(?:\.\d+)? (\d{4}) GMT$", re.M)


def request_timestamp(record: Record, url: str) -> bytes:
    """Ask the service at `url` for a time stamp of a record; a line for a file of anchors.

    The service learns the hash of the record and nothing else.

    Raises:
        InputError: it cannot be reached, or does not grant it.
    """
    record_hash = record["hash"]
    query = _openssl("-query", "-digest", record_hash, "-sha256", "-cert")
    headers = {"Content-Type": "application/timestamp-query"}
    request = urllib.request.Request(url, query, headers)  # noqa: S310 - checked by the command
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT) as reply:  # noqa: S310
            token = reply.read(_LARGEST)
    except OSError as error:
        reason = getattr(error, "reason", None) or error
        raise InputError(
            f"the time-stamping service cannot be used: {reason}",
            "try again later: the next time stamp covers all records before it",
        ) from error
    if not _is_of(record_hash, token):
        raise InputError("the time-stamping service has not granted the time stamp", "try another")
    stamp = {
        "record": record["record"],
        "hash": record_hash,
        "written": _time_of(token),
        "token": base64.b64encode(token).decode(),
    }
    return json.dumps(stamp).encode() + b"\n"


def check_token(record_hash: str, token: str, authority: Path | None) -> tuple[str, str]:
    """The time in a token, in UTC, and why it cannot be relied on.

    Without `authority`, a file of certificates in PEM, nobody vouches for the time.
    """
    try:
        reply = base64.b64decode(token, validate=True)
        at = _time_of(reply)
    except (ValueError, InputError):
        return "", "a time stamp cannot be read"
    if not _is_of(record_hash, reply):
        return at, f"the time stamp of {at} is of another record"
    if authority is None:
        return at, f"the time stamp of {at} is not checked: name its authority by --authority"
    try:
        with _as_file(reply) as file:
            _openssl("-verify", "-in", file.name, "-digest", record_hash, "-CAfile", str(authority))
    except InputError:
        return at, f"the time stamp of {at} is not signed by the authority in {authority}"
    return at, ""


def _is_of(record_hash: str, reply: bytes) -> bool:
    """Whether the reply holds a token, and the token this hash."""
    return bytes.fromhex(record_hash) in reply


def _time_of(reply: bytes) -> str:
    with _as_file(reply) as file:
        token = _openssl("-reply", "-in", file.name, "-token_out")
    # What stands beside the token is not signed, and may say another time.
    with _as_file(token) as file:
        text = _openssl("-reply", "-in", file.name, "-token_in", "-text")
    found = _TIME.search(text.decode(errors="replace"))
    if found is None:
        raise InputError("the reply of the time-stamping service holds no time", "try another")
    at = datetime.strptime(f"{found[1]} {found[2]}", "%b %d %H:%M:%S %Y").replace(tzinfo=UTC)
    return utc_text(at)


def _as_file(content: bytes) -> "tempfile._TemporaryFileWrapper[bytes]":
    """A temporary file for openssl, which reads from files alone."""
    file = tempfile.NamedTemporaryFile(prefix="anoncam-")  # noqa: SIM115 - the caller closes it
    file.write(content)
    file.flush()
    return file


def _openssl(*arguments: str) -> bytes:
    command: Sequence[str] = ("openssl", "ts", *arguments)
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            timeout=_TIMEOUT,
            check=True,
            stdin=subprocess.DEVNULL,
            # The name of the month must not depend on the language.
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
        )
    except FileNotFoundError as error:
        raise InputError("the program openssl is missing", "apt install openssl") from error
    except subprocess.SubprocessError as error:
        raise InputError("openssl cannot do this with the time stamp") from error
    return ended.stdout
