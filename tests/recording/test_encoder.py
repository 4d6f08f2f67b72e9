import threading
from fractions import Fraction
from typing import Literal

import av
import numpy as np
import pytest
from av.codec.context import ThreadType
from av.video.codeccontext import VideoCodecContext

from anoncam.clock import Stop
from anoncam.config.schema import RecordingSettings
from anoncam.errors import StorageError
from anoncam.events.event import Event
from anoncam.frames.frame import FrameFormat, tight
from anoncam.frames.pool import FramePool
from anoncam.recording import encoder as encoder_module
from anoncam.recording import segment_recorder as recorder_module
from anoncam.recording.encoder import EncoderChoice, choose, try_encoder
from anoncam.recording.segment import Segment
from anoncam.recording.segment_recorder import SegmentRecorder
from tests.support.events import EventLog
from tests.support.frames import FakeClock, as_anonymized, moving, paint, small_format

pytestmark = pytest.mark.integration


def test_an_encoder_that_works_is_found_working() -> None:
    assert try_encoder("libx264", tight(320, 240), 4000) is None


def test_an_encoder_that_is_missing_or_useless_is_refused_with_a_reason() -> None:
    assert try_encoder("h264_of_dreams", tight(320, 240), 4000) == "this libav was built without it"
    assert try_encoder("rawvideo", tight(320, 240), 4000) is not None


def test_an_encoder_that_hangs_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    hang = threading.Event()
    monkeypatch.setattr(encoder_module, "_PROBE_SECONDS", 0.05)
    monkeypatch.setattr(encoder_module, "_encode_and_decode", lambda *_: hang.wait(60))
    assert try_encoder("h264_v4l2m2m", tight(320, 240), 4000) == "it did not finish in time"
    hang.set()


@pytest.mark.parametrize("problem", [None, "no such device"])
def test_auto_takes_the_hardware_where_it_really_encodes(
    monkeypatch: pytest.MonkeyPatch, event_log: EventLog, problem: str | None
) -> None:
    monkeypatch.setattr(encoder_module, "try_encoder", lambda *_: problem)
    choice = choose(RecordingSettings(), tight(320, 240))
    assert choice.codec == ("libx264" if problem else "h264_v4l2m2m")
    assert problem is None or problem in choice.reason
    assert event_log.of(Event.ENCODER_CHOSEN) == [{"codec": choice.codec, "reason": choice.reason}]


def test_the_hardware_encoder_is_not_tried_for_an_odd_size_or_if_libx264_is_configured() -> None:
    assert "odd" in choose(RecordingSettings(encoder="h264_v4l2m2m"), tight(321, 240)).reason
    assert choose(RecordingSettings(encoder="libx264"), tight(320, 240)) == EncoderChoice(
        "libx264", "configured"
    )


def test_an_encoder_that_fails_later_is_replaced_without_losing_the_frame(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, event_log: EventLog
) -> None:
    folder = tmp_path_factory.mktemp("recordings")
    monkeypatch.setattr(
        recorder_module, "choose", lambda *_: EncoderChoice("h264_v4l2m2m", "for the test")
    )
    original = Segment.__init__

    def init(segment: Segment, codec: str, *others: object, **named: object) -> None:
        segment.broken = codec == "h264_v4l2m2m"  # type: ignore[attr-defined]
        original(segment, "libx264", *others, **named)  # type: ignore[arg-type]

    write = Segment.write

    def broken_write(segment: Segment, frame: object) -> bytes:
        if segment.broken and getattr(frame, "timestamp", 0) >= 2_500_000_000:  # type: ignore[attr-defined]
            raise av.ExternalError(5, "the chip has gone")
        return write(segment, frame)  # type: ignore[arg-type]

    monkeypatch.setattr(Segment, "__init__", init)
    monkeypatch.setattr(Segment, "write", broken_write)
    recorder = SegmentRecorder(RecordingSettings(), small_format(), folder, FakeClock())
    for index in range(40):
        recorder.write(moving(small_format(), index * 10**8))
    recorder.finish()
    assert [fields["codec"] for fields in event_log.of(Event.ENCODER_CHOSEN)] == ["libx264"]
    # Only the fragment that the broken encoder had not returned is lost.
    assert [fields["frames"] for fields in event_log.of(Event.SEGMENT_FINISHED)] == [20, 15]


def test_a_failure_of_libx264_is_an_error_that_names_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(_: object, __: object) -> bytes:
        raise av.ExternalError(5, "broken")

    monkeypatch.setattr(Segment, "write", write)
    settings = RecordingSettings(encoder="libx264")
    recorder = SegmentRecorder(
        settings, small_format(), tmp_path_factory.mktemp("recordings"), FakeClock()
    )
    with pytest.raises(StorageError, match="libx264 cannot encode"):
        recorder.write(moving(small_format(), 0))
    recorder.finish()


def test_the_encoder_reads_the_memory_of_the_pool_without_a_copy() -> None:
    frame_format = small_format()
    pool = FramePool(frame_format, 1)
    frame = pool.acquire()
    assert frame is not None
    video = as_anonymized(frame).video_frame()
    frame.luma[:] = 77
    assert set(np.frombuffer(memoryview(video.planes[0]), np.uint8)) == {77}


def test_memory_that_an_encoder_still_reads_is_not_used_again() -> None:
    # This encoder works on several pictures in parallel, without copies and without loss. So a
    # picture that is overwritten too early shows in what is decoded.
    frame_format = tight(1280, 720)
    pool = FramePool(frame_format, 3)
    encoder = video_context("ffvhuff", "w", frame_format)
    encoder.time_base, encoder.thread_count, encoder.thread_type = (
        Fraction(1, 10),
        4,
        ThreadType.FRAME,
    )
    noise = np.random.default_rng(1)
    pictures, packets, held = [], [], 0
    for index in range(12):
        frame = pool.wait(Stop())
        assert frame is not None
        frame.buffer[:] = noise.integers(0, 256, frame.buffer.shape, np.uint8)
        pictures.append(frame.buffer.copy())
        video = as_anonymized(frame).video_frame()
        video.pts, video.time_base = index, Fraction(1, 10)
        packets += encoder.encode(video)
        del video
        pool.release(frame)
        held = max(held, pool.count - pool.free)
    packets += encoder.encode(None)
    assert held >= 1
    assert pool.free == pool.count
    decoder = video_context("ffvhuff", "r", frame_format)
    decoder.extradata = encoder.extradata
    decoded = [
        video.to_ndarray() for packet in [*packets, None] for video in decoder.decode(packet)
    ]
    assert len(decoded) == 12
    for picture, original in zip(decoded, pictures, strict=True):
        np.testing.assert_array_equal(picture, original)


def video_context(
    codec: str, mode: Literal["r", "w"], frame_format: FrameFormat
) -> VideoCodecContext:
    context = av.CodecContext.create(codec, mode)
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = (
        frame_format.width,
        frame_format.height,
        "yuv420p",
    )
    return context


def test_a_recorder_gives_every_frame_back_to_the_pool(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    pool = FramePool(small_format(), 2)
    settings = RecordingSettings(encoder="libx264", segment_length=1)
    recorder = SegmentRecorder(
        settings, small_format(), tmp_path_factory.mktemp("recordings"), FakeClock()
    )
    for index in range(40):
        frame = pool.acquire()
        assert frame is not None
        paint(frame, index * 10**8)
        recorder.write(as_anonymized(frame))
        pool.release(frame)
    recorder.finish()
    assert pool.free == 2
