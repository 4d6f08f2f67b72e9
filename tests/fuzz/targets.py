"""What is fuzzed: readers of bytes from outside, each with a corpus and the errors it may raise."""

import contextlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np

from anoncam.archive.doubts import Doubt
from anoncam.archive.manifest import NAME as MANIFEST
from anoncam.archive.manifest import Entry, Manifest, Stamp
from anoncam.archive.one_file import FileResult
from anoncam.archive.work_folder import Identity, WorkFolder
from anoncam.audit.looking_process import look_for_further_pictures
from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.detectors.process.messages import Ready, Reply, decode_ready, decode_reply
from anoncam.errors import AnoncamError, DetectorError, InputError
from anoncam.events import event_log_reader
from anoncam.evidence.chain_reader import read_chain
from anoncam.frames.pool import FramePool
from anoncam.review.coco import from_coco, to_coco
from anoncam.review.coverage_file import read_document
from anoncam.review.cvat import from_cvat, to_cvat
from anoncam.segments.mp4_boxes import walk, whole_length
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.file import FileSource
from anoncam.sources.process.audio_messages import AudioPacket, AudioPackets, Sound
from anoncam.sources.process.media_process import DEFAULT_LIMITS
from anoncam.sources.process.messages import Next, Opened, Streaming, decode
from anoncam.tracking.coverage import Coverage
from tests.fuzz.daemon_targets import daemon_targets
from tests.fuzz.media import every_kind
from tests.fuzz.target import Target
from tests.support.checkout import ROOT
from tests.support.clips import make_clip, make_sound
from tests.support.documents import FACE, document_of
from tests.support.evidence_folder import record
from tests.support.liars import OPENED
from tests.support.sounds import AUDIO_FORMAT

_MOST_FRAMES = 4

_UNCLEAR = re.compile(
    r"process that decodes it has ended|sends garbage|validation error|cannot be read: \w+\("
)
"""What is told of a process that fails by itself; the last are errors as Python writes them."""


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
        Target("sound", _sounding(folder), clear(_hear), (InputError,)),
        Target("further pictures", media, clear(_look), (InputError,)),
        Target("decoder's messages", [opened, shown, b'{"ticket":1}'], _messages, (InputError,)),
        Target("detector's first message", [Ready(320, 320).encode()], _ready, (DetectorError,)),
        Target("detector's replies", [_reply()], _detections, (DetectorError,)),
        Target("segments", [fragments.read_bytes()], _boxes, ()),
        Target("chain of evidence", [_chain(folder)], _read_chain, ()),
        Target("coverage files", [_coverage()], read_document, (AnoncamError,)),
        Target("configuration", [_config()], _load, (AnoncamError,)),
        Target("CVAT", [to_cvat(_DOCUMENT).encode()], _read_cvat, (AnoncamError,)),
        Target("COCO", [_coco()], _read_coco, (AnoncamError,)),
        Target("manifest of an archive", [_manifest(folder)], _read_manifest, ()),
        Target("identity of work", [b'{"size": 7, "sha256": "a", "settings": "b"}'], _begin, ()),
        Target("messages of the sound", [_sound(), _sounds()], _hear_sound, (InputError,)),
        *daemon_targets(folder),
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


def _hear(path: Path) -> None:
    with AudioTrack(path) as audio:
        list(audio.until(None))


def _sounding(folder: Path) -> list[bytes]:
    names = ("loud.mp4", "loud.mkv", "loud.ts", "loud.mov")
    return [make_sound(folder / name, with_video=True, seconds=0.2).read_bytes() for name in names]


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


_DOCUMENT = document_of([Coverage((FACE,)), Coverage(veil="no result"), Coverage()])


def _coverage() -> bytes:
    return _DOCUMENT.model_dump_json().encode()


def _read_cvat(path: Path) -> None:
    from_cvat(path, _DOCUMENT)


def _read_coco(path: Path) -> None:
    from_coco(path, _DOCUMENT)


def _coco() -> bytes:
    return to_coco(_DOCUMENT).model_dump_json(exclude_none=True).encode()


def _manifest(folder: Path) -> bytes:
    doubts = [Doubt("track 7", 0.4, 1.0, 2.0)]
    result = FileResult("in", str(folder), 3, doubtful=doubts)
    stamp = Stamp(7, 7)
    entry = Entry(str(folder), stamp, Identity(7, "a", "settings"), stamp, result, 0)
    return json.dumps(asdict(entry)).encode()


def _read_manifest(path: Path) -> None:
    path.replace(path.with_name(MANIFEST))
    for entry in Manifest(path.parent).entries.values():
        entry.has_output()
        entry.is_of(path.parent / "none", "settings")
    (path.parent / MANIFEST).unlink()


def _begin(path: Path) -> None:
    folder = path.parent / "work"
    folder.mkdir(exist_ok=True)
    (folder / "identity.json").write_bytes(path.read_bytes())
    work = WorkFolder(folder)
    work.begin(Identity(7, "a", "other settings"))
    assert len(work.secret) == 32


def _sound() -> bytes:
    return Sound(format=AUDIO_FORMAT, first=0).model_dump_json().encode()


def _sounds() -> bytes:
    packet = AudioPacket(data=b"abc", time=0, duration=1024)
    return AudioPackets(packets=[packet], ended=False).model_dump_json().encode()


def _hear_sound(path: Path) -> None:
    for kind in (Sound, AudioPackets):
        with contextlib.suppress(InputError):
            decode(path.read_bytes(), kind, "x")


def _reply() -> bytes:
    return Reply(7, True, np.array([[1, 2, 3, 4, 0.5]] * 3, np.float32)).encode()


def _config() -> bytes:
    return (ROOT / "config.yaml").read_bytes()
