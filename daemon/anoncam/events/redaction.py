"""Mask passwords in texts, for messages, logs and status."""

import re
from collections.abc import Iterator, Mapping

MASK = "***"

_SCHEME = re.compile(r"[a-z0-9+.-]:[\\/]+", re.IGNORECASE)
# Cameras take passwords in a query, and some (rtsp://host/user=admin_password=...) in the path.
_PARAMETER = re.compile(
    r"((?:passw\w{0,20}|passphrase|pass|pwd|psw|secret|token|credentials?"
    r"|(?<=[?&;])[\w-]{0,30}(?:key|auth|sig\w{0,20}|pw))"
    r"(?:=|%3d))([^\s&]+)",
    re.IGNORECASE,
)
_CLOSING = "\"'`)]}>,;."


def redact(text: str) -> str:
    """The text with each password, in the userinfo or among the parameters of a URL, replaced by
    ``***``.

    A URL ends at a blank; one with a blank in its password is not a URL, and is not recognised as
    one.

    >>> redact("cannot open rtsp://admin:secret@10.0.0.7/stream?channel=1&password=secret")
    'cannot open rtsp://admin:***@10.0.0.7/stream?channel=1&password=***'
    """
    redacted = ""
    done = 0
    # Found in the clear text, both kinds: either may lie in the other.
    for start, end in sorted([*_userinfo(text), *_parameters(text)]):
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


def _userinfo(text: str) -> Iterator[tuple[int, int]]:
    """The parts of the text between ``user:`` (or ``://``, where no colon stands) and ``@``."""
    for run in re.finditer(r"\S+", text):
        scheme = _SCHEME.search(run[0])
        # The last "@", since a raw password may itself hold "@", "/", "?" or quotes: to mask too
        # much does no harm.
        end = run[0].rfind("@")
        if scheme is None or end < scheme.end():
            continue
        colon = run[0].find(":", scheme.end(), end)
        start = scheme.end() if colon < 0 else colon + 1
        yield run.start() + start, run.start() + end


def _parameters(text: str) -> Iterator[tuple[int, int]]:
    """The values of parameters, without what closes a quotation or a sentence behind them: JSON
    stays JSON.
    """
    for parameter in _PARAMETER.finditer(text):
        secret = parameter[2].rstrip(_CLOSING) or parameter[2]
        yield parameter.start(2), parameter.start(2) + len(secret)
