"""Mask secrets in texts, for messages, logs and status.

Of a URL, only scheme, user name, host and port are shown, and a path and query that are harmless.
"""

import re
from collections.abc import Iterator, Mapping

from anoncam.events.harmless_paths import is_harmless

MASK = "***"

_SCHEME = re.compile(r"[a-z0-9+.-]:[\\/]+", re.IGNORECASE)
_HOST = re.compile(r"(?:\[[0-9a-f:.]*(?:%\w+)?\]|[\w.-]*)(?::[0-9]{1,5}(?![0-9]))?", re.IGNORECASE)
_FILE = re.compile(r"\b(?:file|s3|gs|gcs|az|abfs|sftp|ssh):[\\/]+\Z", re.IGNORECASE)
"""Their paths are names of files: who may read them, nobody writes there."""
_PART = re.compile(r"[^\\/?&;#]+")
# Cameras take passwords in a query, and some (rtsp://host/user=admin_password=...) in the path.
_PARAMETER = re.compile(
    r"((?:passw\w{0,20}|passphrase|pass|pwd|psw|secret|token|credentials?"
    r"|(?<=[?&;])[\w-]{0,30}(?:key|auth|sig\w{0,20}|pw))"
    r"(?:=|%3d))([^\s&]+)",
    re.IGNORECASE,
)
_HEADER = re.compile(r"authorization:[ \t]*([^\r\n]+)", re.IGNORECASE)
_CLOSING = "\"'`)]}>,;."


def redact(text: str) -> str:
    """The text with ``***`` for each password and for whatever in a URL may be a token.

    A URL ends at a blank. A password with a blank in it is not recognised.

    >>> redact("cannot open rtsp://admin:secret@10.0.0.7/live/9f86d081?channel=1&password=secret")
    'cannot open rtsp://admin:***@10.0.0.7/live/***?channel=1&password=***'
    """
    redacted = ""
    done = 0
    # All kinds are found in the clear text, since one may lie in another.
    for start, end in sorted([*_in_urls(text), *_parameters(text), *_headers(text)]):
        if start > done or not redacted:
            redacted += text[done:start] + MASK
        done = max(done, end)
    return redacted + text[done:]


def redact_all(value: object) -> object:
    """`value` with each text in it redacted, however deep in mappings and lists."""
    if isinstance(value, Mapping):
        return {key: redact_all(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redact_all(item) for item in value]
    return redact(value) if isinstance(value, str) else value


def _in_urls(text: str) -> Iterator[tuple[int, int]]:
    """Where the secrets of each URL start and end in `text`."""
    for run in re.finditer(r"\S+", text):
        for start, end in _in_url(run[0]):
            yield run.start() + start, run.start() + end


def _in_url(text: str) -> Iterator[tuple[int, int]]:
    """The same for a text without blanks."""
    scheme = _SCHEME.search(text)
    if scheme is None:
        return
    host = scheme.end()
    # A raw password may itself hold "@", "/", "?" or quotes, so the last "@" counts.
    at = text.rfind("@")
    if at >= host:
        colon = text.find(":", host, at)
        yield host if colon < 0 else colon + 1, at
        host = at + 1
    if scheme[0].count("/") < 2 or _FILE.search(text, 0, scheme.end()):
        return
    beyond = _HOST.match(text, host)
    end = len(text.rstrip(_CLOSING + ":"))
    for part in _PART.finditer(text, beyond.end() if beyond else host, end):
        secret = part.start() + _harmless_length(part[0])
        if secret < part.end():
            yield secret, part.end()


def _harmless_length(part: str) -> int:
    """How much of ``name=value`` can be shown: all up to the first piece that may be a token."""
    length = 0
    for piece in part.split("="):
        if piece != MASK and not is_harmless(piece):
            return length
        length += len(piece) + 1
    return len(part)


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    """The values of parameters, without the closing quotes and brackets behind them.

    So JSON stays JSON.
    """
    for parameter in _PARAMETER.finditer(text):
        secret = parameter[2].rstrip(_CLOSING) or parameter[2]
        yield parameter.start(2), parameter.start(2) + len(secret)


def _headers(text: str) -> Iterator[tuple[int, int]]:
    """The values of Authorization headers."""
    for header in _HEADER.finditer(text):
        yield header.span(1)
