"""The findings of the last look, kept for the web page in the runtime folder of the daemon."""

import contextlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from anoncam.clock import Clock, utc_text
from anoncam.doctor.check import Finding
from anoncam.errors import StorageError
from anoncam.events.redaction import redact_all

NAME = "doctor.json"


def publish(folder: Path, findings: Sequence[Finding], clock: Clock) -> None:
    """Replace what was found before, in one step; the group of the folder may read it.

    Raises:
        StorageError: the folder cannot be written.
    """
    facts = {"at": utc_text(clock.utc()), "findings": [asdict(each) for each in findings]}
    part = folder / f"{NAME}.part"
    try:
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(descriptor, "w") as file:
            with contextlib.suppress(PermissionError):
                shutil.chown(part, group=folder.stat().st_gid)
            json.dump(redact_all(facts), file)
        part.replace(folder / NAME)
    except OSError as error:
        raise StorageError(
            f"{folder / NAME} cannot be written: {error.strerror}", "use sudo"
        ) from error


def read(folder: Path) -> Mapping[str, Any] | None:
    """When was looked, as `at`, and the `findings`; None if there are none of this run."""
    try:
        facts = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return facts if isinstance(facts, dict) else None
