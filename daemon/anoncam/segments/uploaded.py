"""Up to which segment all are uploaded: a note of the process that uploads, read by retention."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = "uploaded.json"


@dataclass(frozen=True)
class UploadNote:
    """All segments of the folder `recordings` up to the number `through` are at the remote `to`.

    `problem` is why no more are uploaded at present.
    """

    recordings: str
    to: str
    through: int = 0
    problem: str = ""


@dataclass(frozen=True)
class UploadBacklog:
    """What waits to be uploaded: how many `segments`, their `bytes`, and when the oldest began.

    `problem` is why nothing is uploaded at present.
    """

    segments: int
    bytes: int
    oldest: str | None
    problem: str


def read_note(folder: Path, recordings: str, to: str) -> UploadNote:
    """The note in `folder`; a new one where that is missing, or of other recordings or a remote."""
    fresh = UploadNote(recordings, to)
    try:
        note = UploadNote(**json.loads((folder / NAME).read_bytes()))
    except (OSError, ValueError, TypeError, RecursionError):
        return fresh
    same = (note.recordings, note.to) == (recordings, to)
    is_sound = type(note.through) is int and isinstance(note.problem, str)
    return note if same and is_sound else fresh


def write_note(folder: Path, note: UploadNote) -> None:
    """Replace the note in one step.

    Raises:
        OSError: the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{NAME}.part"
    part.write_text(json.dumps(asdict(note)) + "\n")
    part.replace(folder / NAME)
