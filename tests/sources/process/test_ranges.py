"""A confined process reads a file in a store by ranges, and a failing store is no end of it."""

import itertools
import secrets
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import FilesSettings
from anoncam.errors import UnreachableError
from anoncam.frames.pool import FramePool
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.file import FileSource
from anoncam.sources.libav import ranged_file
from anoncam.sources.libav.ranged_file import BLOCK, RangedFile
from anoncam.sources.process.questions import holds_picture, packet_times, read_header
from anoncam.stores.place import Place
from anoncam.stores.remote_file import RemoteFile
from anoncam.stores.remote_reader import RemoteReader
from tests.support.clips import make_clip, make_sound

pytest.importorskip("fsspec")
pytestmark = pytest.mark.integration

LIMITS = FilesSettings()


def stored(path: Path) -> RemoteFile:
    file = RemoteFile(f"memory://{secrets.token_hex(4)}/{path.name}")
    file.upload(path)
    return file


def frames(place: Place) -> list[bytes]:
    """The luma of all frames."""
    found = []
    with FileSource(place, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        pool = FramePool(source.format, 1)
        while (taken := source.read()) is not None:
            frame = pool.acquire()
            assert frame is not None
            taken.copy_into(frame)
            found.append(frame.luma.tobytes())
            pool.release(frame)
            taken.close()
    return found


def test_a_file_in_a_store_is_read_as_one_of_this_machine(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mp4")
    there = stored(clip)
    assert not holds_picture(there)
    assert read_header(there, LIMITS) == read_header(clip, LIMITS)
    assert packet_times(there, LIMITS) == packet_times(clip, LIMITS)
    expected = frames(clip)
    assert expected
    assert frames(there) == expected


def test_a_photograph_in_a_store_is_one(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (1200, 1600, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "in.jpg", quality=95)
    assert (tmp_path / "in.jpg").stat().st_size > BLOCK
    there = stored(tmp_path / "in.jpg")
    assert holds_picture(there)
    assert frames(there) == frames(tmp_path / "in.jpg")


def make_failing(
    monkeypatch: pytest.MonkeyPatch,
    *,
    after: int,
    error: type[Exception] = UnreachableError,
) -> None:
    """Have the store fail after so many reads."""
    read = RemoteReader.read
    reads = itertools.count()

    def failing(self: RemoteReader, place: int, count: int) -> bytes:
        if next(reads) >= after:
            raise error("the network is gone")
        return read(self, place, count)

    monkeypatch.setattr(RemoteReader, "read", failing)


def test_a_store_that_fails_in_the_middle_is_not_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_clip(tmp_path / "in.mkv", "rawvideo", size=(640, 480))
    assert clip.stat().st_size > 3 * BLOCK
    there = stored(clip)
    make_failing(monkeypatch, after=3)
    with pytest.raises(UnreachableError, match="the network is gone"):
        frames(there)


@pytest.mark.parametrize("error", [MemoryError, RuntimeError])
def test_no_failure_of_a_store_is_the_end_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    there = stored(make_clip(tmp_path / "in.mkv", "rawvideo", size=(640, 480)))
    make_failing(monkeypatch, after=3, error=error)
    with pytest.raises(UnreachableError, match=error.__name__):
        frames(there)


def sound(place: Place) -> list[bytes]:
    """The packets of the sound."""
    with AudioTrack(place) as audio:
        return [packet.data for packet in audio.until(None)]


def test_sound_in_a_store_is_read_as_that_of_a_file_of_this_machine_and_not_demuxed_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = make_sound(tmp_path / "in.mp4", with_video=True)
    there = stored(clip)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("this process has rights")

    monkeypatch.setattr(av, "open", refuse)
    expected = sound(clip)
    assert expected
    assert sound(there) == expected


def test_a_store_that_fails_in_the_middle_is_not_the_end_of_the_sound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "in.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("pcm_s16le", rate=48000, layout="mono")
        samples = np.zeros((1, 1 << 14), np.int16)
        for number in range(128):
            block = av.AudioFrame.from_ndarray(samples, "s16", "mono")
            block.sample_rate, block.pts = 48000, number * samples.size
            container.mux(stream.encode(block))
    assert path.stat().st_size > 3 * BLOCK
    there = stored(path)
    make_failing(monkeypatch, after=3)
    with AudioTrack(there) as audio, pytest.raises(UnreachableError, match="the network is gone"):
        list(audio.until(None))


def test_few_blocks_of_a_large_file_are_kept() -> None:
    asked: list[int] = []

    def fetch(place: int, count: int) -> bytes:
        asked.append(place)
        return bytes([place // BLOCK]) * count

    media = RangedFile(Path("in.mp4"), 20 * BLOCK + 7, fetch)
    with media.open() as file:
        assert len(file.read()) == media.size
        file.seek(-5, 2)
        assert file.read(9) == bytes([20]) * 5
        assert file.read(9) == b""
    assert asked == [number * BLOCK for number in range(21)]
    assert len(media._blocks) == ranged_file._MOST_BLOCKS
    assert media.read_at(4, 2 * BLOCK - 2) == bytes([1, 1])
