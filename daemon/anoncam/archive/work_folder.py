"""What is kept of a file while its chunks are in work: boxes and covered footage, no raw picture.

Whatever is there is whole, since it is written under another name first. So what is there need not
be done again.
"""

import json
import secrets
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from anoncam.archive.at_hand import write_whole
from anoncam.archive.detection import Seen
from anoncam.detectors.detector import DetectionResult
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.recording.whole_file import storage_errors
from anoncam.stores.place import Place
from anoncam.tracking.coverage import Coverage, CoverBox


@dataclass(frozen=True)
class Identity:
    """What the content of a work folder, or a finished output, depends on.

    `settings` is a hash of all that changes the output, the model and the version of anoncam among
    it.
    """

    size: int
    sha256: str
    settings: str


class WorkFolder:
    """The work on one file.

    >>> folder = WorkFolder(Path("out.anoncam/1"))
    >>> folder.begin(identity)
    """

    def __init__(self, path: Place) -> None:
        self.path = path

    def begin(self, identity: Identity) -> None:
        """Go on with the work of the same identity, or begin anew.

        Raises:
            StorageError: the disk failed.
            StoreError: the store refuses, or cannot be reached.
        """
        if self._identity() == asdict(identity):
            return
        self.remove()
        with storage_errors(self.path):
            # The secret of the squares is for this file alone, and goes with this folder.
            secret = self.path / "secret"
            if isinstance(secret, Path):
                secret.parent.mkdir(0o700, parents=True)
                secret.touch(mode=0o600)
            secret.write_bytes(secrets.token_bytes(32))
        self._write("identity.json", asdict(identity))

    def remove(self) -> None:
        """Delete it; idempotent."""
        if isinstance(self.path, Path):
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            self.path.remove()

    @property
    def secret(self) -> bytes:
        """The secret of the tones, the same for all chunks."""
        return (self.path / "secret").read_bytes()

    def part(self, chunk: int) -> Place:
        """The covered footage of a chunk."""
        return self.path / f"part-{chunk:05}.nut"

    def counts(self, chunk: int) -> dict[str, int] | None:
        """What the part of a chunk holds; None if there is no part yet."""
        path = self.path / f"part-{chunk:05}.json"
        known = path.exists() and self.part(chunk).exists()
        return dict(json.loads(path.read_bytes())) if known else None

    def keep_counts(self, chunk: int, counts: Mapping[str, int]) -> None:
        """Note what the part of a chunk holds, once it is there."""
        self._write(f"part-{chunk:05}.json", dict(counts))

    def has_seen(self, chunk: int) -> bool:
        """Whether the faces of a chunk were detected."""
        return (self.path / f"seen-{chunk:05}.json").exists()

    def keep_seen(self, chunk: int, seen: Iterable[Seen]) -> None:
        """Keep what was seen in a chunk."""
        self._write(f"seen-{chunk:05}.json", [_from_seen(each) for each in seen])

    def seen(self, chunk: int) -> list[Seen]:
        """What was seen in a chunk."""
        return [_to_seen(each) for each in self._read(f"seen-{chunk:05}.json")]

    def keep_coverage(self, chunk: int, coverage: Iterable[tuple[int, Coverage]]) -> None:
        """Keep what to cover in a chunk and its lead-in."""
        rows = [
            [time, each.veil, [[cover.key, *cover.box] for cover in each.boxes]]
            for time, each in coverage
        ]
        self._write(f"coverage-{chunk:05}.json", rows)

    def coverage(self, chunk: int) -> dict[int, Coverage]:
        """What to cover in a chunk and its lead-in, by timestamp."""
        return {
            time: Coverage(tuple(CoverBox(tuple(box), key) for key, *box in boxes), veil)
            for time, veil, boxes in self._read(f"coverage-{chunk:05}.json")
        }

    def keep_summary(self, summary: Mapping[str, Any]) -> None:
        """Note that the tracking pass is done, and what it has found."""
        self._write("tracked.json", dict(summary))

    def summary(self) -> dict[str, Any] | None:
        """What the tracking pass has found; None if it is to be done."""
        path = self.path / "tracked.json"
        return dict(json.loads(path.read_bytes())) if path.exists() else None

    def _identity(self) -> object:
        """Of which file and which settings the work is; None if it cannot be read."""
        try:
            return json.loads((self.path / "identity.json").read_bytes())
        except (OSError, ValueError, RecursionError):
            return None

    def _read(self, name: str) -> list[Any]:
        with storage_errors(self.path):
            return list(json.loads((self.path / name).read_bytes()))

    def _write(self, name: str, value: object) -> None:
        write_whole(self.path / name, json.dumps(value).encode())


def _from_seen(each: Seen) -> list[Any]:
    moved = None if each.motion == STILL else list(asdict(each.motion).values())
    result = each.result
    found = None if result is None else [result.complete, result.detections.tolist()]
    return [each.timestamp, moved, each.begins_scene, each.gone, found]


def _to_seen(row: list[Any]) -> Seen:
    timestamp, moved, begins, gone, found = row
    motion = STILL if moved is None else Motion(*moved)
    result = None
    if found is not None:
        detections = np.array(found[1], np.float32).reshape(-1, 5)
        result = DetectionResult(timestamp, detections, found[0], 0.0)
    return Seen(timestamp, motion, begins, gone, result)
