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
from av.video.reformatter import ColorRange, Colorspace

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.errors import StorageError
from anoncam.recording.h264_stream import exact_planes
from anoncam.recording.whole_file import WholeFile, storage_errors


@dataclass(frozen=True)
class _Kind:
    """How libav writes a kind of picture, with the colours that all viewers expect of it."""

    codec: str
    pix_fmt: str
    color_range: ColorRange
    options: dict[str, str]


_JPEG = _Kind("mjpeg", "yuv444p", ColorRange.JPEG, {"qmin": "2", "qmax": "2"})
_PNG = _Kind("png", "rgb24", ColorRange.JPEG, {})
_WEBP = _Kind("libwebp", "yuv420p", ColorRange.MPEG, {"quality": "90"})
_KINDS = {".jpg": _JPEG, ".jpeg": _JPEG, ".png": _PNG, ".webp": _WEBP}


def is_picture_name(path: Path) -> bool:
    """Whether a `PictureWriter` can write a file of this name."""
    return _kind(path) is not None


class PictureWriter:
    """Writes one picture, which appears as `path` by `commit`; without it, nothing is left.

    >>> with PictureWriter(Path("out.jpg")) as picture:
    ...     picture.write(frame)
    ...     picture.commit()

    Raises:
        StorageError: the name is taken (and `force` is false), or its ending is unknown.
    """

    def __init__(self, path: Path, *, force: bool = False) -> None:
        kind = _kind(path)
        if kind is None:
            raise StorageError(
                f"{path} is not a kind of picture that can be written", "end it in .jpg or .png"
            )
        self._kind = kind
        self._output = WholeFile(path, force=force)

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode `frame`, upright.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        with storage_errors(self._output.path):
            self._output.temporary.write_bytes(_encode(self._kind, frame))

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
    return _encode(_JPEG, frame)


def _kind(path: Path) -> _Kind | None:
    kind = _KINDS.get(path.suffix.lower())
    return kind if kind is not None and kind.codec in av.codecs_available else None


def _encode(kind: _Kind, frame: AnonymizedFrame) -> bytes:
    picture = _upright(frame).reformat(
        format=kind.pix_fmt,
        dst_colorspace=None if kind.pix_fmt == "rgb24" else Colorspace.ITU601,
        dst_color_range=kind.color_range,
    )
    context = av.CodecContext.create(kind.codec, "w")
    if not isinstance(context, VideoCodecContext):
        raise TypeError(f"{kind.codec} is not a video encoder")
    context.width, context.height, context.pix_fmt = picture.width, picture.height, kind.pix_fmt
    context.color_range = kind.color_range
    context.time_base = Fraction(1)
    # Without this flag libav writes its own name into the file.
    context.flags |= Flags.bitexact
    context.options = kind.options
    return b"".join(bytes(packet) for packet in [*context.encode(picture), *context.encode(None)])


def _upright(frame: AnonymizedFrame) -> av.VideoFrame:
    planes = np.rot90(exact_planes(frame), -frame.format.rotation // 90, axes=(1, 2))
    video = av.VideoFrame.from_ndarray(np.ascontiguousarray(planes), "yuv444p")
    video.colorspace, video.color_range = frame.format.colorspace, frame.format.color_range
    return video
