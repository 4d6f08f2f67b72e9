"""The status file: what the daemon does now, for whoever asks."""

import json
from collections.abc import Mapping
from pathlib import Path

from anoncam.redaction import redact

NAME = "status.json"


def write(folder: Path, status: Mapping[str, object]) -> None:
    """Replace the status file in `folder` in one step, so that no reader sees half of it."""
    target = folder / NAME
    part = target.with_suffix(".part")
    part.write_text(json.dumps(_redacted(status), indent=2) + "\n")
    part.replace(target)


def _redacted(value: object) -> object:
    if isinstance(value, Mapping):
        return {key: _redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_redacted(item) for item in value]
    return redact(value) if isinstance(value, str) else value
