"""What ``anoncam verify`` is told to rely on: a key, and anchors that were kept elsewhere."""

import re
from collections.abc import Sequence
from pathlib import Path

import click

from anoncam.errors import InputError
from anoncam.evidence.anchors import Anchor, read_anchors
from anoncam.evidence.signing_key import FINGERPRINT_DIGITS


def key_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    """The fingerprint that `value` is, or that stands in the file of that name.

    >>> key_of(None, None, "5D1F " * 16) == "5d1f" * 16
    True
    """
    texts = [value]
    if value and _fingerprint(value) is None:
        try:
            texts = Path(value).read_text(errors="replace").splitlines()
        except (OSError, ValueError) as error:
            text = f"{value} is neither a fingerprint of 64 hexadecimal digits nor a file"
            raise click.BadParameter(text) from error
    found = {fingerprint for text in texts if (fingerprint := _fingerprint(text))}
    if value and len(found) != 1:
        raise click.BadParameter(f"{value} holds {len(found)} fingerprints, must be one")
    return found.pop() if found else ""


def anchors_in(files: Sequence[Path], authority: Path | None) -> list[Anchor]:
    """All anchors in `files`; `authority` has the certificates of time stamps.

    Raises:
        InputError: a file cannot be read, or holds none.
    """
    anchors: list[Anchor] = []
    for file in files:
        try:
            found = read_anchors(file, authority)
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"{file} cannot be read: {reason}", "name another") from error
        if not found:
            raise InputError(
                f"there are no anchors in {file}",
                "give the journal as JSON, an event log, time stamps or a copy of the chain",
            )
        anchors += found
    return anchors


def _fingerprint(text: str) -> str | None:
    digits = re.sub(r"[\s:-]", "", text).lower()
    return digits if re.fullmatch(f"[0-9a-f]{{{FINGERPRINT_DIGITS}}}", digits) else None
