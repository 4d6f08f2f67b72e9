"""Writes one frame as a picture: upright and without metadata."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import numpy as np
from av.codec.context import Flags
from av.video.codeccontext import VideoCodecContext
from av.video.plane import VideoPlane
from av.video.reformatter import ColorRange, Colorspace

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.errors import StorageError
from anoncam.frames.frame import Plane
from anoncam.recording.alpha import lay_on_white, opaque_where_covered, take_off_background
from anoncam.recording.h264_stream import exact_planes, is_odd
from anoncam.recording.resolution import with_resolution
from anoncam.recording.whole_file import WholeFile, storage_errors
from anoncam.stores.place import Place


@dataclass(frozen=True)
class _Kind:
    """How libav writes a kind of picture, with the colours that all viewers expect of it."""

    codec: str
    pix_fmt: str
    color_range: ColorRange
    options: dict[str, str]
    transparent: str = ""
    """The pixel format with alpha; empty if there is none."""


_JPEG = _Kind("mjpeg", "yuv420p", ColorRange.JPEG, {"qmin": "2", "qmax": "2"})
_PNG = _Kind("png", "rgb24", ColorRange.JPEG, {}, "rgba")
_WEBP = _Kind("libwebp", "yuv420p", ColorRange.MPEG, {"quality": "90"}, "bgra")
_START = 1024
"""Bytes that hold all of a file before its samples; the rest is not copied."""
_RGB = {"rgb24", "rgba"}
_KINDS = {".jpg": _JPEG, ".jpeg": _JPEG, ".png": _PNG, ".webp": _WEBP}


def is_picture_name(path: Place) -> bool:
    """Whether a `PictureWriter` can write a file of this name."""
    return _kind(path) is not None


class PictureWriter:
    """Writes one picture, which appears as `path` by `commit`; without it, nothing is left.

    `alpha` has the shape of the stored picture, which lies on a background of tone `background`;
    where the format has no transparency, the background becomes white. `resolution` is in pixels
    per metre.

    >>> with PictureWriter(Path("out.jpg")) as picture:
    ...     picture.write(frame)
    ...     picture.commit()

    Raises:
        StorageError: the name is taken (and `force` is false), or its ending is unknown.
    """

    def __init__(
        self,
        path: Path,
        *,
        force: bool = False,
        alpha: Plane | None = None,
        background: int = 128,
        resolution: tuple[int, int] | None = None,
    ) -> None:
        kind = _kind(path)
        if kind is None:
            raise StorageError(
                f"{path} is not a kind of picture that can be written", "end it in .jpg or .png"
            )
        self._kind = kind
        self._alpha, self._background = alpha, background
        self._resolution = resolution
        self._output = WholeFile(path, force=force)

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode `frame`, upright.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        with storage_errors(self._output.path):
            packet = _encode(self._kind, frame, self._alpha, self._background)
            encoded = memoryview(packet)
            start = bytes(encoded[:_START])
            if self._resolution is not None:
                turned = frame.format.rotation in {90, 270}
                sides = self._resolution[::-1] if turned else self._resolution
                start = with_resolution(start, *sides)
            self._output.write(start, encoded[_START:])

    def finish(self) -> None:
        """Do nothing: a picture is complete once it is written."""

    def commit(self) -> None:
        """Give the picture its name.

        Raises:
            StorageError: nothing was written, or another file has taken the name.
        """
        self._output.commit()

    def abort(self) -> None:
        """Delete what was written, unless it was committed; idempotent."""
        self._output.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()


def encode_jpeg(frame: AnonymizedFrame) -> bytes:
    """`frame` as a JPEG, upright, without any metadata.

    Raises:
        av.FFmpegError: it cannot be encoded.
    """
    return bytes(_encode(_JPEG, frame))


def _kind(path: Place) -> _Kind | None:
    kind = _KINDS.get(path.suffix.lower())
    return kind if kind is not None and kind.codec in av.codecs_available else None


def _encode(
    kind: _Kind, frame: AnonymizedFrame, alpha: Plane | None = None, background: int = 128
) -> "av.Packet[av.VideoStream]":
    if alpha is None:
        picture = _upright(frame)
        # JPEG takes the halved chroma of a frame as it is; of odd sides, all of it.
        is_same = kind is _JPEG and picture.format.name == "yuv444p"
        picture = _colours(picture, kind, "yuv444p" if is_same else kind.pix_fmt)
    else:
        alpha = _turn(opaque_where_covered(alpha, frame), frame.format.rotation)
        picture = _with_alpha(_upright(frame), kind, alpha, background)
    context = av.CodecContext.create(kind.codec, "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{kind.codec} is not a video encoder")
    context.width, context.height = picture.width, picture.height
    context.pix_fmt = picture.format.name
    context.color_range = kind.color_range
    context.time_base = Fraction(1)
    # Each thread has buffers of its own.
    context.thread_count = 1
    # Without this flag libav writes its own name into the file.
    context.flags |= Flags.bitexact
    context.options = kind.options
    (packet,) = [*context.encode(picture), *context.encode(None)]
    return packet


def _colours(picture: av.VideoFrame, kind: _Kind, pix_fmt: str) -> av.VideoFrame:
    return picture.reformat(
        format=pix_fmt,
        dst_colorspace=None if pix_fmt in _RGB else Colorspace.ITU601,
        dst_color_range=ColorRange.JPEG if pix_fmt in _RGB else kind.color_range,
    )


def _with_alpha(
    picture: av.VideoFrame, kind: _Kind, alpha: Plane, background: int
) -> av.VideoFrame:
    if kind.transparent:
        painted = _colours(picture, kind, "rgba")
        take_off_background(painted, alpha, background)
        return painted.reformat(format=kind.transparent)
    painted = _colours(picture, kind, "rgb24")
    lay_on_white(painted, alpha, background)
    return painted.reformat(
        format=kind.pix_fmt, dst_colorspace=Colorspace.ITU601, dst_color_range=kind.color_range
    )


def _upright(frame: AnonymizedFrame) -> av.VideoFrame:
    """The picture in yuv420p, or in yuv444p if a side is odd; a large one is seldom copied."""
    rotation = frame.format.rotation
    if is_odd(frame.format):
        video = _turned(list(exact_planes(frame)), rotation, "yuv444p")
    else:
        video = frame.video_frame()
        if video.format.name != "yuv420p":
            video = video.reformat(format="yuv420p")
        if rotation:
            video = _turned([_samples(plane) for plane in video.planes], rotation, "yuv420p")
    video.colorspace, video.color_range = frame.format.colorspace, frame.format.color_range
    return video


def _turned(planes: list[Plane], rotation: int, pix_fmt: str) -> av.VideoFrame:
    upright = [_turn(plane, rotation) for plane in planes]
    height, width = upright[0].shape
    video = av.VideoFrame(width, height, pix_fmt)
    for target, samples in zip(video.planes, upright, strict=True):
        _samples(target)[:] = samples
    return video


def _samples(plane: VideoPlane) -> Plane:
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width]


def _turn(plane: Plane, rotation: int) -> Plane:
    return np.rot90(plane, -rotation // 90)
