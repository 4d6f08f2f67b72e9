"""The sound of a stranger's file is copied as libav would copy it, and its file is not opened."""

from fractions import Fraction
from itertools import product
from pathlib import Path

import av
import numpy as np
import pytest
from av.audio.stream import AudioStream

from anoncam.recording.audio_stream import add_audio_stream, audio_packet
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.process.audio_limits import CODECS
from anoncam.sources.process.audio_messages import AudioPacket
from tests.support.sounds import AUDIO_FORMAT

pytestmark = pytest.mark.integration

KINDS = {
    "aac": ("aac", "mp4", "mkv", "ts"),
    "ac3": ("ac3", "mkv", "ts"),
    "alac": ("alac", "mov", "mkv"),
    "eac3": ("eac3", "mp4"),
    "flac": ("flac", "mkv", "mp4"),
    "mp2": ("mp2", "mkv", "mpg"),
    "mp3": ("libmp3lame", "mp4", "mkv", "avi"),
    "opus": ("libopus", "mkv", "webm", "mp4", "ogg"),
    "vorbis": ("vorbis", "mkv", "ogg"),
    "pcm_alaw": ("pcm_alaw", "avi"),
    "pcm_mulaw": ("pcm_mulaw", "mov"),
    "pcm_u8": ("pcm_u8", "avi"),
    "pcm_f32le": ("pcm_f32le", "mkv"),
    "pcm_s32le": ("pcm_s32le", "mkv"),
    "pcm_s16be": ("pcm_s16be", "mov"),
    "pcm_s16le": ("pcm_s16le", "mkv", "avi"),
    "pcm_s24be": ("pcm_s24be", "mov"),
    "pcm_s24le": ("pcm_s24le", "mov"),
}
"""Each kind of sound: its encoder, and files that may hold it."""

LAYOUTS = {"aac": ("mono", "stereo", "5.1"), "flac": ("mono", "5.1")}
PACKET = AudioPacket(data=bytes(range(200)), time=0, duration=1024, cut=5)

CASES = [
    (encoder, ending, layout)
    for codec, (encoder, *endings) in KINDS.items()
    for ending, layout in product(endings, LAYOUTS.get(codec, ("stereo",)))
]


def sound(path: Path, encoder: str, layout: str) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream(encoder, rate=48_000)
        assert isinstance(stream, AudioStream)
        stream.layout = layout
        # libav's own encoder of Vorbis is no better than that.
        stream.options = {"strict": "experimental"}
        resampler = av.AudioResampler(stream.format.name, layout, 48_000)
        tone = (np.sin(np.arange(1024) / 20) * 9000).astype(np.int16)[None]
        for index in range(20):
            block = av.AudioFrame.from_ndarray(tone, "s16", "mono")
            block.sample_rate, block.pts = 48_000, index * 1024
            for resampled in resampler.resample(block):
                container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    return path


def by_libav(source: Path, target: Path) -> bool:
    """Copy as libav does it with the input at hand; False if the target cannot hold it."""
    try:
        with (
            av.open(str(source)) as read,
            av.open(str(target), "w", container_options={"fflags": "+bitexact"}) as made,
        ):
            template = read.streams.audio[0]
            stream = made.add_stream_from_template(template)
            for packet in read.demux(template):
                # What an edit list cuts away is not copied.
                primes = source.suffix in {".mp4", ".mov"} and packet.has_sidedata("skip_samples")
                if packet.size and packet.pts is not None and not primes:
                    packet.stream = stream
                    made.mux(packet)
    except (ValueError, av.FFmpegError):
        return False
    return True


def by_anoncam(source: Path, target: Path) -> None:
    with (
        AudioTrack(source) as audio,
        av.open(str(target), "w", container_options={"fflags": "+bitexact"}) as made,
    ):
        assert audio.format is not None
        stream = add_audio_stream(made, audio.format)
        for packet in audio.until(None):
            made.mux(audio_packet(packet, stream, audio.format.time_base))


def test_every_kind_of_sound_is_tried() -> None:
    assert sorted(KINDS) == sorted(CODECS)


@pytest.mark.parametrize(("encoder", "ending", "layout"), CASES)
def test_the_copy_of_a_sound_is_that_of_libav_to_the_bit(
    encoder: str, ending: str, layout: str, tmp_path: Path
) -> None:
    source = sound(tmp_path / f"sound.{ending}", encoder, layout)
    for kind in ("mp4", "mov", "mkv"):
        expected, copy = tmp_path / f"expected.{kind}", tmp_path / f"copy.{kind}"
        if by_libav(source, expected):
            by_anoncam(source, copy)
            assert copy.read_bytes() == expected.read_bytes(), kind
        else:
            with pytest.raises((ValueError, av.FFmpegError)):
                by_anoncam(source, copy)


@pytest.mark.parametrize(
    "lie",
    [
        {"channels": 2},
        {"layout": "no layout"},
        {"rate": 399_999},
        {"codec": "opus", "rate": 1000},
    ],
)
def test_a_format_that_cannot_be_is_refused(lie: dict[str, object]) -> None:
    with (
        av.open("/dev/null", "w", format="matroska") as container,
        pytest.raises((ValueError, av.FFmpegError)),
    ):
        add_audio_stream(container, AUDIO_FORMAT.model_copy(update=lie))


@pytest.mark.parametrize("codec", CODECS)
def test_no_header_of_a_stranger_ends_the_process_that_writes(codec: str, tmp_path: Path) -> None:
    """Garbage in place of the header and the packets gives a file or an error, and no crash."""
    for ending, header in product(("mp4", "mov", "mkv"), (None, b"", b"\xff" * 7, bytes(300))):
        unclear = AUDIO_FORMAT.model_copy(
            update={"codec": codec, "header": header, "samples": "s16"}
        )
        path = tmp_path / f"copy.{ending}"
        try:
            with av.open(str(path), "w") as container:
                stream = add_audio_stream(container, unclear)
                for time in (0, -5, 7, 1 << 40):
                    packet = PACKET.model_copy(update={"time": time})
                    container.mux(audio_packet(packet, stream, Fraction(1, 48_000)))
        except (ValueError, av.FFmpegError):
            continue
        assert path.exists()
