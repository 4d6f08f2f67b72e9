"""Files as people have them: of all kinds, turned, uneven, cut off and damaged."""

import io
import itertools
import socket
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.errors import InputError
from anoncam.frames.frame import Frame, Layout
from anoncam.frames.pool import FramePool
from anoncam.sources.file import FileSource
from tests.support.clips import LOSSLESS_H264, cut, damage, equal, make_clip, make_sound, samples
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration


def open_clip(path: Path, **settings: bool) -> FileSource:
    paced, loop = settings.get("paced", False), settings.get("loop", False)
    return FileSource(path, paced=paced, loop=loop, clock=SystemClock(), stop=Stop())


def frames(source: FileSource) -> Iterator[Frame]:
    """The frames of the source, each valid until the next."""
    pool = FramePool(source.format, 1)
    while (capture := source.read()) is not None:
        frame = pool.acquire()
        assert frame is not None
        capture.copy_into(frame)
        capture.close()
        yield frame
        pool.release(frame)


def numbers(source: FileSource) -> list[int]:
    """The first sample of every frame: its number, in a lossless clip."""
    return [int(frame.luma[0, 0]) for frame in frames(source)]


def numbers_until_it_breaks(source: FileSource) -> tuple[list[int], str]:
    read: list[int] = []
    with pytest.raises(InputError) as caught:
        read.extend(int(frame.luma[0, 0]) for frame in frames(source))
    return read, str(caught.value)


LOSSLESS = [
    ("libx264", "yuv420p", "mp4", LOSSLESS_H264),
    ("libx264", "yuv420p", "ts", LOSSLESS_H264),
    ("ffv1", "yuv420p", "mkv", {}),
    ("rawvideo", "yuv420p", "nut", {}),
    ("ffv1", "gray", "mkv", {}),
]


@pytest.mark.parametrize(("codec", "pix_fmt", "ending", "options"), LOSSLESS)
@pytest.mark.parametrize("size", [(96, 64), (642, 362)])
def test_a_picture_in_yuv420p_or_gray_arrives_to_the_sample(
    tmp_path: Path,
    codec: str,
    pix_fmt: str,
    ending: str,
    options: dict[str, str],
    size: tuple[int, int],
) -> None:
    clip = make_clip(
        tmp_path / f"clip.{ending}",
        codec,
        size=size,
        pix_fmt=pix_fmt,
        options=options,
        times=range(3),
    )
    with open_clip(clip) as source:
        for number, frame in enumerate(frames(source)):
            luma, *chroma = samples(*size, number)
            if pix_fmt == "gray":
                chroma = [np.full_like(plane, 128) for plane in chroma]
            assert equal((frame.luma, *frame.chroma), (luma, *chroma))
    assert number == 2


def test_odd_sizes_arrive_to_the_sample(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "odd.mkv", "ffv1", size=(641, 361), times=range(2))
    with open_clip(clip) as source:
        assert (source.format.width, source.format.height, source.format.stride) == (641, 361, 642)
        for number, frame in enumerate(frames(source)):
            assert equal((frame.luma, *frame.chroma), samples(641, 361, number))


def test_nv12_stays_nv12(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.nut", "rawvideo", pix_fmt="nv12", times=range(2))
    with open_clip(clip) as source:
        assert source.format.layout is Layout.NV12
        for number, frame in enumerate(frames(source)):
            luma, *chroma = samples(96, 64, number)
            assert equal((frame.luma, *frame.chroma), (luma, np.stack(chroma, axis=2)))


@pytest.mark.parametrize("pix_fmt", ["yuv422p", "yuv444p", "yuv420p10le", "yuv422p10le"])
def test_other_kinds_of_yuv_keep_their_brightness(tmp_path: Path, pix_fmt: str) -> None:
    clip = make_clip(tmp_path / "clip.mkv", "ffv1", size=(641, 361), pix_fmt=pix_fmt, times=[0])
    with open_clip(clip) as source:
        assert source.format.layout is Layout.I420
        frame = next(frames(source))
        difference = frame.luma.astype(int) - samples(641, 361, 0)[0]
        assert np.abs(difference).max() <= 1


@pytest.mark.parametrize(
    ("codec", "pix_fmt", "ending", "options"),
    [
        ("mpeg4", "yuv420p", "avi", {"qscale": "1", "flags": "+qscale", "global_quality": "118"}),
        (
            "libvpx-vp9",
            "yuv420p",
            "webm",
            {"lossless": "1", "deadline": "realtime", "cpu-used": "8"},
        ),
        ("mjpeg", "yuvj420p", "avi", {"qmin": "1", "qmax": "1"}),
        ("mjpeg", "yuvj422p", "mov", {"qmin": "1", "qmax": "1"}),
    ],
)
def test_lossy_kinds_of_video_arrive_too(
    tmp_path: Path, codec: str, pix_fmt: str, ending: str, options: dict[str, str]
) -> None:
    clip = make_clip(
        tmp_path / f"clip.{ending}", codec, size=(320, 240), pix_fmt=pix_fmt, options=options
    )
    with open_clip(clip) as source:
        count = sum(1 for _ in frames(source))
        assert count == 10
        assert source.frames == 10
        assert source.format.color_range == (2 if codec == "mjpeg" else source.format.color_range)


def test_colours_of_rgb_are_those_of_a_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "red.png"
    with av.open(str(path), "w", options={"update": "1"}) as container:
        stream = container.add_stream("png", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "rgb24"
        red = np.broadcast_to(np.array([255, 0, 0], np.uint8), (48, 64, 3))
        container.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(red), "rgb24")))
    with open_clip(path) as source:
        frame = next(frames(source))
        assert (source.format.color_range, source.format.colorspace) == (2, 5)
    # ITU-T T.871: Y = 0.299 R, Cb = 128 - 0.1687 R, Cr = 128 + 0.5 R.
    assert abs(int(frame.luma[10, 10]) - 76) <= 1
    assert [int(plane[5, 5]) for plane in frame.chroma] == pytest.approx([85, 255], abs=1)


def test_colour_tags_and_pixel_shape_are_handed_on(tmp_path: Path) -> None:
    path = tmp_path / "tagged.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        context = stream.codec_context
        context.color_range, context.colorspace, context.color_primaries, context.color_trc = (
            2,
            9,
            9,
            14,
        )
        context.sample_aspect_ratio = Fraction(4, 3)
        container.mux(stream.encode(av.VideoFrame(96, 64, "yuv420p")))
        container.mux(stream.encode(None))
    with open_clip(path) as source:
        tags = source.format
    assert (tags.color_range, tags.colorspace, tags.color_primaries, tags.color_trc) == (
        2,
        9,
        9,
        14,
    )
    assert tags.sample_aspect_ratio == Fraction(4, 3)


def test_a_picture_size_that_changes_in_the_middle_is_brought_to_that_of_the_first(
    tmp_path: Path,
) -> None:
    parts = [
        make_clip(
            tmp_path / f"{width}.h264",
            size=(width, 64),
            times=range(4),
            options={**LOSSLESS_H264, "qp": "10"},
        )
        for width in (96, 160)
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    with open_clip(path) as source:
        shapes = [frame.luma.shape for frame in frames(source)]
        assert shapes == [(64, 96)] * 8


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_turn_that_a_video_asks_for_is_its_rotation(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "turned.mp4", rotation=rotation, times=range(2))
    with open_clip(clip) as source:
        assert source.format.rotation == rotation
    source = FileSource(
        clip, paced=False, loop=False, clock=SystemClock(), stop=Stop(), rotation=90
    )
    assert source.format.rotation == (rotation + 90) % 360
    source.close()


@pytest.mark.parametrize("rotation", [0, 180])
def test_a_mirrored_video_is_brought_upright_too(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "mirrored.mp4", rotation=rotation, mirrored=True, times=range(2))
    with open_clip(clip) as source:
        assert source.format.rotation == rotation


UPRIGHT = {1: 0, 2: 0, 3: 180, 4: 180, 5: 90, 6: 90, 7: 270, 8: 270}
"""The clockwise turn for each orientation of EXIF, its mirroring left aside."""


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tiff"])
def test_the_orientation_in_a_pictures_exif_is_its_rotation(
    tmp_path: Path, ending: str, orientation: int
) -> None:
    image = pytest.importorskip(
        "PIL.Image", reason="Pillow writes EXIF; it comes with the extra `demo`"
    )
    picture = image.new("RGB", (64, 48), (200, 10, 10))
    exif = picture.getexif()
    exif[0x0112] = orientation
    path = tmp_path / f"turned.{ending}"
    picture.save(path, exif=exif)
    with open_clip(path) as source:
        assert source.format.rotation == UPRIGHT[orientation]
        assert source.is_picture


def test_uneven_timestamps_are_kept_to_the_tick(tmp_path: Path) -> None:
    times = [0, 1, 5, 6, 30, 31, 90]
    clip = make_clip(tmp_path / "uneven.mkv", times=times, time_base=Fraction(1, 100))
    with open_clip(clip) as source:
        stamps = [frame.timestamp for frame in frames(source)]
        assert stamps == [time * NANOSECONDS // 100 for time in times]
        assert all(stamp / source.time_base % NANOSECONDS == 0 for stamp in stamps)


def test_a_file_that_begins_later_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "late.mkv", times=range(50, 60))
    with open_clip(clip) as source:
        assert source.start == 2 * NANOSECONDS
        assert next(frames(source)).timestamp == 2 * NANOSECONDS


def test_a_raw_stream_without_timestamps_gets_some(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.h264")
    with open_clip(clip) as source:
        stamps = [frame.timestamp for frame in frames(source)]
    assert [later - earlier for earlier, later in itertools.pairwise(stamps)] == [
        NANOSECONDS // 25
    ] * 9


def test_length_and_count_are_known_beforehand(tmp_path: Path) -> None:
    for ending in ("mp4", "mkv"):
        with open_clip(make_clip(tmp_path / f"clip.{ending}", times=range(50))) as source:
            assert source.frames == 50
            assert source.duration == pytest.approx(2, abs=0.05)
            assert not source.is_picture
    still = make_clip(
        tmp_path / "still.png", "png", pix_fmt="rgb24", times=[0], muxer_options={"update": "1"}
    )
    with open_clip(still) as source:
        assert (source.frames, source.duration, source.is_picture) == (1, None, True)
        assert len(numbers(source)) == 1


def test_a_looped_file_begins_again_and_its_time_goes_on(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", times=range(3))
    with open_clip(clip, loop=True) as source:
        taken = list(
            itertools.islice(((f.timestamp, int(f.luma[0, 0])) for f in frames(source)), 8)
        )
    assert [number for _, number in taken] == [0, 1, 2, 0, 1, 2, 0, 1]
    assert [stamp for stamp, _ in taken] == [index * NANOSECONDS // 25 for index in range(8)]


class SteppingStop(Stop):
    """A stop whose waits move the clock instead of taking time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        return self.requested


def test_a_paced_file_gives_each_frame_at_its_time(tmp_path: Path) -> None:
    clock = FakeClock()
    clock.advance(1000)
    times = [0, 1, 25, 26, 75]
    clip = make_clip(tmp_path / "clip.mkv", times=times)
    with FileSource(clip, paced=True, loop=False, clock=clock, stop=SteppingStop(clock)) as source:
        for time in times:
            capture = source.read()
            assert capture is not None
            capture.close()
            assert clock.monotonic() - 1000 * NANOSECONDS == pytest.approx(
                time * NANOSECONDS // 25, abs=1000
            )
        assert source.read() is None


def test_a_cover_picture_is_not_the_video(tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "song.m4a", with_video=False)
    cover = make_clip(
        tmp_path / "cover.png", "png", pix_fmt="rgb24", times=[0], muxer_options={"update": "1"}
    )
    song = tmp_path / "song.mkv"
    with (
        av.open(str(song), "w") as container,
        av.open(str(sound)) as source,
        av.open(str(cover)) as picture,
    ):
        container.add_attachment("cover.png", "image/png", cover.read_bytes())
        stream = container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
        assert picture.streams.video
    with av.open(str(song)) as container:
        assert container.streams.video, "the test needs a cover that libav takes for video"
    with pytest.raises(InputError, match="holds no video"):
        open_clip(song)


def test_a_file_with_sound_alone_holds_no_video(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sound\.m4a holds no video"):
        open_clip(make_sound(tmp_path / "sound.m4a", with_video=False))


def test_what_is_no_video_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a video\n" * 200)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(3).bytes(4000))
    for name, reason in {
        "missing.mp4": "does not exist",
        "empty.mp4": "is empty",
        "text.mp4": "is not a video or picture",
        "noise.mp4": "is not a video or picture",
        ".": "is a folder",
        "x" * 300: "File name too long",
    }.items():
        with pytest.raises(InputError) as caught:
            open_clip(tmp_path / name)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_device_is_not_a_file() -> None:
    with pytest.raises(InputError, match="is not a file"):
        open_clip(Path("/dev/zero"))


def test_a_percent_sign_in_a_pictures_name_does_not_bring_in_other_files(tmp_path: Path) -> None:
    still = make_clip(
        tmp_path / "x.png", "png", pix_fmt="gray", times=[0], muxer_options={"update": "1"}
    )
    for name in ("shot001.png", "shot002.png", "shot%03d.png"):
        (tmp_path / name).write_bytes(still.read_bytes())
    with open_clip(tmp_path / "shot%03d.png") as source:
        assert len(numbers(source)) == 1
    (tmp_path / "shot%03d.png").unlink()
    with pytest.raises(InputError, match="does not exist"):
        open_clip(tmp_path / "shot%03d.png")


def test_a_playlist_reaches_nothing_on_the_network(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        path.write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(InputError):
            open_clip(path)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("ending", "options"),
    [
        ("mkv", {}),
        ("mp4", {"movflags": "faststart"}),
        ("mp4", {"movflags": "frag_keyframe+empty_moov"}),
        ("flv", {}),
    ],
)
def test_of_a_file_that_is_cut_off_all_whole_pictures_come_and_then_the_place(
    tmp_path: Path, ending: str, options: dict[str, str]
) -> None:
    whole = make_clip(tmp_path / f"clip.{ending}", times=range(50), muxer_options=options)
    short = cut(whole, 0.6)
    with open_clip(short) as source:
        read, message = numbers_until_it_breaks(source)
    assert 20 <= len(read) <= 35
    assert read == list(range(len(read)))
    assert message == f"{short} is cut off: it breaks off at {(len(read) - 1) / 25:.2f} s"


def test_no_whole_picture_is_lost_where_a_file_with_reordered_pictures_is_cut_off(
    tmp_path: Path,
) -> None:
    options, muxer_options = {"preset": "medium", "crf": "20", "g": "12"}, {"movflags": "faststart"}
    whole = make_clip(
        tmp_path / "clip.mp4",
        times=range(100),
        size=(320, 240),
        options=options,
        muxer_options=muxer_options,
    )
    short = cut(whole, 0.6)
    with av.open(str(whole)) as container:
        ends = [packet.pos + packet.size for packet in container.demux() if packet.pos is not None]
    with open_clip(short) as source:
        read, _ = numbers_until_it_breaks(source)
    assert len(read) == sum(end <= short.stat().st_size for end in ends)


def test_damage_among_the_last_pictures_is_not_passed_over(tmp_path: Path) -> None:
    options = {"preset": "medium", "crf": "20"}
    muxer_options = {"movflags": "faststart"}
    whole = make_clip(
        tmp_path / "clip.mp4",
        times=range(60),
        size=(320, 240),
        options=options,
        muxer_options=muxer_options,
    )
    data = whole.read_bytes()
    end = len(data) * 98 // 100
    whole.write_bytes(data[:end] + bytes(len(data) - end))
    with open_clip(whole) as source:
        read, message = numbers_until_it_breaks(source)
    assert 50 < len(read) < 60
    assert "is cut off" in message


def test_a_file_that_lacks_its_index_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="lacks its end or beginning"):
        open_clip(cut(make_clip(tmp_path / "clip.mp4", times=range(50)), 0.6))


@pytest.mark.parametrize("ending", ["png"])
def test_a_picture_that_is_cut_off_is_refused(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (48, 64, 3), np.uint8)
    path = tmp_path / f"noise.{ending}"
    av.VideoFrame.from_ndarray(noise, "rgb24").save(str(path))
    with pytest.raises(InputError, match="cut off"):
        open_clip(cut(path, 0.5))


def test_damage_in_the_middle_costs_only_what_cannot_be_decoded_and_is_told_at_the_end(
    tmp_path: Path,
) -> None:
    whole = make_clip(
        tmp_path / "clip.mp4", times=range(60), muxer_options={"movflags": "faststart"}
    )
    broken = damage(whole, 0.5, 3000)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert {*range(25), *range(40, 60)} <= set(read)
    assert f"{broken} is damaged: " in message
    assert " missing, from 1." in message


def test_a_damaged_file_is_told_apart_from_a_good_one(tmp_path: Path) -> None:
    for ending in ("mp4", "mkv", "ts", "avi", "flv"):
        codec = "mpeg4" if ending == "avi" else "libx264"
        with open_clip(make_clip(tmp_path / f"clip.{ending}", codec, times=range(30))) as source:
            assert len(numbers(source)) == 30


@pytest.mark.parametrize(
    ("codec", "ending"),
    [("libx264", "mkv"), ("mpeg4", "mkv"), ("libvpx", "webm"), ("mjpeg", "mkv")],
)
@pytest.mark.parametrize(("place", "length"), [(0.5, 4000), (0.3, 20_000)])
def test_random_bytes_in_the_middle_of_a_matroska_file_are_told_at_its_end(
    tmp_path: Path, codec: str, ending: str, place: float, length: int
) -> None:
    pix_fmt, options = ("yuvj420p", {}) if codec == "mjpeg" else ("yuv420p", {"g": "25"})
    clip = make_clip(
        tmp_path / f"clip.{ending}",
        codec,
        size=(320, 180),
        pix_fmt=pix_fmt,
        times=range(100),
        options=options,
    )
    with open_clip(clip) as source:
        assert len(numbers(source)) == 100
    broken = damage(clip, place, length)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert len(read) > 20
    assert f"{broken} is damaged: " in message


def _photograph(path: Path, *, progressive: bool = False) -> Path:
    """A JPEG with a preview in its metadata."""
    preview = io.BytesIO()
    Image.fromarray(samples(32, 32, 0)[0]).save(preview, "jpeg")
    exif = b"Exif\x00\x00" + preview.getvalue()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (240, 320, 3), np.uint8)).save(
        path, exif=exif, progressive=progressive
    )
    return path


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("part", [0.95, 0.5])
def test_a_jpeg_that_is_cut_in_its_pixels_is_told(
    tmp_path: Path, progressive: bool, part: float
) -> None:
    whole = _photograph(tmp_path / "photograph.jpg", progressive=progressive)
    with open_clip(whole) as source:
        assert len(numbers(source)) == 1
    broken = cut(whole, part)
    with open_clip(broken) as source:
        read, message = numbers_until_it_breaks(source)
    assert len(read) == 1
    assert f"{broken} is cut off: the lower part" in message


def test_a_jpeg_with_something_behind_its_end_is_whole(tmp_path: Path) -> None:
    whole = _photograph(tmp_path / "photograph.jpg")
    whole.write_bytes(whole.read_bytes() + b"a maker's own" * 100)
    with open_clip(whole) as source:
        assert len(numbers(source)) == 1


def test_a_matroska_file_that_was_written_to_a_pipe_is_whole(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", times=range(50), muxer_options={"live": "1"})
    with open_clip(clip) as source:
        assert len(numbers(source)) == 50


def test_sound_that_outlasts_the_pictures_is_no_damage(tmp_path: Path) -> None:
    path = make_sound(tmp_path / "both.mkv", with_video=True, seconds=3)
    with open_clip(path) as source:
        assert len(numbers(source)) == 75


@pytest.mark.parametrize("ending", ["mkv", "flv"])
def test_the_last_picture_of_a_slide_show_may_stand_for_long(tmp_path: Path, ending: str) -> None:
    clip = make_clip(tmp_path / f"slides.{ending}", times=[0, 100, 200], last=100)
    with av.open(str(clip)) as container:
        assert container.duration == 12_000_000
    with open_clip(clip) as source:
        assert len(numbers(source)) == 3
