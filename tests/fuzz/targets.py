"""What is fuzzed: readers of bytes from outside, each with a corpus and the errors it may raise."""

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from anoncam.audit.looking_process import look_for_further_pictures
from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.detectors.process.messages import Ready, Reply, decode_ready, decode_reply
from anoncam.errors import AnoncamError, DetectorError, InputError
from anoncam.events import event_log_reader
from anoncam.evidence.chain_reader import read_chain
from anoncam.frames.pool import FramePool
from anoncam.review.coverage_file import read_document
from anoncam.segments.mp4_boxes import walk, whole_length
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import DEFAULT_LIMITS
from anoncam.sources.process.messages import Next, Opened, Streaming, decode
from anoncam.tracking.coverage import Coverage
from tests.fuzz.media import every_kind
from tests.support.checkout import ROOT
from tests.support.clips import make_clip
from tests.support.documents import FACE, document_of
from tests.support.evidence_folder import record
from tests.support.liars import OPENED

_MOST_FRAMES = 4

_UNCLEAR = re.compile(
    r"process that decodes it has ended|sends garbage|validation error|cannot be read: \w+\("
)
"""What is told of a process that fails by itself; the last are errors as Python writes them."""


@dataclass(frozen=True)
class Target:
    """`read` reads a file, and may raise `allowed`."""

    name: str
    corpus: list[bytes]
    read: Callable[[Path], object]
    allowed: tuple[type[Exception], ...]


def targets(folder: Path) -> list[Target]:
    """All that is fuzzed; the corpus is made in `folder`."""
    media = [path.read_bytes() for path in every_kind(folder) if _can_be_read(path)]
    fragments = make_clip(
        folder / "fragments.mp4", muxer_options={"movflags": "frag_keyframe+empty_moov"}
    )
    opened = json.dumps(OPENED).encode()
    shown = Streaming(ticket=1, width=64, height=48, stamp=0).model_dump_json().encode()
    return [
        Target("media", media, clear(_decode), (InputError,)),
        Target("further pictures", media, clear(_look), (InputError,)),
        Target("decoder's messages", [opened, shown, b'{"ticket":1}'], _messages, (InputError,)),
        Target("detector's first message", [Ready(320, 320).encode()], _ready, (DetectorError,)),
        Target("detector's replies", [_reply()], _detections, (DetectorError,)),
        Target("segments", [fragments.read_bytes()], _boxes, ()),
        Target("chain of evidence", [_chain(folder)], _read_chain, ()),
        Target("coverage files", [_coverage()], read_document, (AnoncamError,)),
        Target("configuration", [_config()], _load, (AnoncamError,)),
        Target("event log", [b'{"event":"started","at":"2026-07-14T09:15:00Z"}\n'], _events, ()),
    ]


class UnclearError(Exception):
    """A file has made the process that reads it fail, and not refuse the file."""


def clear(read: Callable[[Path], object]) -> Callable[[Path], None]:
    """`read`, which must not hide that the process has died, lied or met an error unawares."""

    def reading(path: Path) -> None:
        try:
            read(path)
        except InputError as error:
            if _UNCLEAR.search(str(error)):
                raise UnclearError(str(error)) from error
            raise

    return reading


def _decode(path: Path) -> None:
    with FileSource(path, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        frame = FramePool(source.format, 1).acquire()
        assert frame is not None
        for capture in islice(iter(source.read, None), _MOST_FRAMES):
            with contextlib.closing(capture):
                capture.copy_into(frame)


def _can_be_read(path: Path) -> bool:
    try:
        _decode(path)
    except InputError:
        return False
    return True


def _look(path: Path) -> None:
    look_for_further_pictures(path, DEFAULT_LIMITS)


def _messages(path: Path) -> None:
    for kind in (Opened, Next, Streaming):
        with contextlib.suppress(InputError):
            decode(path.read_bytes(), kind, "x")


def _ready(path: Path) -> None:
    decode_ready(path.read_bytes()).raise_error()


def _detections(path: Path) -> None:
    decode_reply(path.read_bytes())


def _boxes(path: Path) -> None:
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        list(walk(file, size))
        assert whole_length(file, size) <= size


def _read_chain(path: Path) -> None:
    read_chain(path.read_bytes().splitlines())


def _load(path: Path) -> None:
    load(path, {})


def _events(path: Path) -> None:
    folder = path.parent / "state"
    folder.mkdir(exist_ok=True)
    (folder / "events.jsonl").write_bytes(path.read_bytes())
    event_log_reader.read(folder)


def _chain(folder: Path) -> bytes:
    recordings = folder / "recordings"
    recordings.mkdir()
    record(recordings, 3)
    return (recordings / "evidence.jsonl").read_bytes()


def _coverage() -> bytes:
    covered = [Coverage((FACE,)), Coverage(veil="no result"), Coverage()]
    return document_of(covered).model_dump_json().encode()


def _reply() -> bytes:
    return Reply(7, True, np.array([[1, 2, 3, 4, 0.5]] * 3, np.float32)).encode()


def _config() -> bytes:
    return (ROOT / "config.yaml").read_bytes()
