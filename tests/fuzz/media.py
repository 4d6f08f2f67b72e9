"""A tiny file of each kind that can be read and written here."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import av
from PIL import Image

from tests.support.clips import make_clip, make_sound

_KINDS = {
    "libx264.mp4": ("libx264", "yuv420p"),
    "libx265.mp4": ("libx265", "yuv420p"),
    "mpeg4.mp4": ("mpeg4", "yuv420p"),
    "libx264.mkv": ("libx264", "yuv420p"),
    "ffv1.mkv": ("ffv1", "yuv420p"),
    "vp8.webm": ("libvpx", "yuv420p"),
    "vp9.webm": ("libvpx-vp9", "yuv420p"),
    "av1.webm": ("libsvtav1", "yuv420p"),
    "prores.mov": ("prores_ks", "yuv422p10le"),
    "libx264.ts": ("libx264", "yuv420p"),
    "mpeg2.mpg": ("mpeg2video", "yuv420p"),
    "mpeg4.avi": ("mpeg4", "yuv420p"),
    "huffyuv.avi": ("huffyuv", "yuv422p"),
    "flv.flv": ("flv", "yuv420p"),
    "wmv.asf": ("wmv2", "yuv420p"),
    "theora.ogg": ("libtheora", "yuv420p"),
    "mpeg2.mxf": ("mpeg2video", "yuv420p"),
    "ffv1.nut": ("ffv1", "yuv420p"),
    "rv20.rm": ("rv20", "yuv420p"),
    "vp8.ivf": ("libvpx", "yuv420p"),
    "raw.h264": ("libx264", "yuv420p"),
    "raw.hevc": ("libx265", "yuv420p"),
    "raw.m4v": ("mpeg4", "yuv420p"),
    "raw.mjpeg": ("mjpeg", "yuvj420p"),
    "raw.y4m": ("wrapped_avframe", "yuv420p"),
    "apng.apng": ("apng", "rgba"),
    "gif.gif": ("gif", "rgb8"),
}
_PICTURES = ("png", "jpg", "bmp", "webp", "tiff", "jp2", "ppm", "pgm", "sgi", "avif")


def every_kind(folder: Path) -> Iterator[Path]:
    """Write one tiny file of each kind; a kind that cannot be written here is left out."""
    for name, (codec, pixels) in _KINDS.items():
        with contextlib.suppress(av.FFmpegError, ValueError):
            size = (352, 288) if "rv20" in name else (64, 48)
            yield make_clip(
                folder / name, codec, size=size, pix_fmt=pixels, times=range(3), options={"g": "2"}
            )
    yield make_sound(folder / "sound.mkv", with_video=True, seconds=0.2)
    for ending in _PICTURES:
        with contextlib.suppress(OSError, ValueError, KeyError):
            picture = Image.linear_gradient("L").resize((64, 48)).convert("RGB")
            picture.save(folder / f"picture.{ending}", exif=_exif())
            yield folder / f"picture.{ending}"


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif
