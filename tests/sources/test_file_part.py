"""A part of a file has the frames that the whole file has there, bit for bit."""

from contextlib import closing
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.stream import VideoStream

from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.errors import InputError
from anoncam.frames.frame import Plane
from anoncam.frames.pool import FramePool
from anoncam.sources.file import FileSource
from anoncam.sources.file_part import FilePart
from anoncam.sources.libav.decoded_part import DecodedPart
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import opened

pytestmark = pytest.mark.integration

RATE, SECONDS = 10, 12
ENCODINGS = {
    "no B-frames": ("a.mp4", "libx264", {"bf": "0", "g": "7"}),
    "B-frames": ("a.mp4", "libx264", {"bf": "3", "g": "30"}),
    "open groups": ("a.mp4", "libx264", {"bf": "3", "g": "20", "x264-params": "open-gop=1"}),
    "intra refresh": ("a.mkv", "libx264", {"bf": "0", "g": "20", "intra-refresh": "1"}),
    "one key frame": ("a.mp4", "libx264", {"g": "1000"}),
    "HEVC": ("a.mp4", "libx265", {"g": "20", "x265-params": "log-level=none:open-gop=1"}),
    "MPEG-4 in Matroska": ("a.mkv", "mpeg4", {"bf": "2", "g": "15"}),
    "VP9": ("a.mkv", "libvpx-vp9", {"g": "25", "deadline": "realtime"}),
}


def encode(folder: Path, kind: str) -> Path:
    name, codec, options = ENCODINGS[kind]
    path, chance = folder / name, np.random.default_rng(4)
    ground = chance.integers(0, 255, (64, 512), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=RATE, options=options)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(RATE * SECONDS):
            picture = np.full((96, 96), 128, np.uint8)
            picture[:64] = ground[:, number * 3 : number * 3 + 96]
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def frames(source: FileSource) -> dict[int, Plane]:
    found: dict[int, Plane] = {}
    pool = FramePool(source.format, 1)
    with source:
        while (taken := source.read()) is not None:
            frame = pool.acquire()
            assert frame is not None
            taken.copy_into(frame)
            taken.close()
            found[frame.timestamp] = frame.luma.copy()
            pool.release(frame)
    return found


@pytest.mark.parametrize("kind", ENCODINGS)
def test_each_part_has_the_frames_of_the_whole(kind: str, tmp_path: Path) -> None:
    path, clock, stop = encode(tmp_path, kind), SystemClock(), Stop()
    whole = frames(FileSource(path, paced=False, loop=False, clock=clock, stop=stop))
    assert len(whole) == RATE * SECONDS
    for begin, end in ((0, 3), (2.95, 5), (5, 9), (9.5, 100), (11.9, 12)):
        first, last = round(begin * NANOSECONDS), round(end * NANOSECONDS)
        part = frames(FilePart(path, first, last, clock=clock, stop=stop))
        assert list(part) == [time for time in whole if first <= time < last]
        for time, luma in part.items():
            assert np.array_equal(luma, whole[time]), f"{kind}: {time}"


def test_parts_are_decoded_by_one_thread_each(tmp_path: Path) -> None:
    path, limits = encode(tmp_path, "B-frames"), FileLimits(1 << 20, 8)
    with opened(path) as media, closing(DecodedPart(media, limits, 0, NANOSECONDS)) as part:
        assert part._stream.codec_context.thread_count == 1


def test_what_is_damaged_is_not_read_in_parts(tmp_path: Path) -> None:
    path = encode(tmp_path, "no B-frames")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    path.write_bytes(data)
    with pytest.raises(InputError):
        frames(FilePart(path, NANOSECONDS, 1 << 62, clock=SystemClock(), stop=Stop()))
