"""Passwords out of texts: for messages, logs and status."""

import re

MASK = "***"

_SCHEME = re.compile(r"[a-z0-9+.-]:[\\/]+", re.IGNORECASE)
# Cameras take passwords in a query, and some (rtsp://host/user=admin_password=...) in the path.
_PARAMETER = re.compile(
    r"((?:passw\w{0,20}|passphrase|pass|pwd|psw|secret|token|credentials?"
    r"|(?<=[?&;])[\w-]{0,30}(?:key|auth|sig\w{0,20}|pw))"
    r"(?:=|%3d))[^\s&]+",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """The text with each password, in the userinfo or among the parameters of a URL, replaced by ``***``.

    A URL ends at a blank; one with a blank in its password is not a URL, and is not recognised as one.

    >>> redact("cannot open rtsp://admin:secret@10.0.0.7/stream?channel=1&password=secret")
    'cannot open rtsp://admin:***@10.0.0.7/stream?channel=1&password=***'
    """
    masked = re.sub(r"\S+", lambda run: _mask_userinfo(run[0]), text)
    return _PARAMETER.sub(rf"\1{MASK}", masked)


def _mask_userinfo(run: str) -> str:
    scheme = _SCHEME.search(run)
    # The last "@", since a raw password may itself hold "@", "/", "?" or quotes: to mask too much does no harm.
    end = run.rfind("@")
    if scheme is None or end < scheme.end():
        return run
    user, colon, _ = run[scheme.end() : end].partition(":")
    return f"{run[: scheme.end()]}{user + colon if colon else ''}{MASK}{run[end:]}"
