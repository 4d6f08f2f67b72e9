"""The least that any program does to a video: decode it and encode it again.

`python -m anoncam.bench.floor CLIP preset=ultrafast` does what `ffmpeg -i CLIP -c:v libx264 -preset
ultrafast -f null -` does. The benchmark compares with it. It imports nothing that takes long to
load, since the loading is measured too.
"""

import argparse
from fractions import Fraction
from pathlib import Path

import av
from av.codec.context import ThreadType


def transcode(clip: Path, options: dict[str, str]) -> int:
    """Decode `clip`, encode every frame with these options of libx264, and count the bytes.

    Nothing is written.
    """
    size = 0
    with av.open(clip) as container:
        source = container.streams.video[0]
        source.thread_type = "AUTO"
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = source.width, source.height, "yuv420p"
        encoder.time_base = source.time_base or Fraction(1, av.time_base)
        encoder.options = options
        # The choice of ffmpeg and of anoncam. PyAV's default, slices of one frame, is slower.
        encoder.thread_type = ThreadType.FRAME
        for frame in container.decode(source):
            frame.pict_type = av.video.frame.PictureType.NONE
            size += sum(packet.size for packet in encoder.encode(frame))
        return size + sum(packet.size for packet in encoder.encode(None))


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m anoncam.bench.floor",
        description="Decode a video and encode it with libx264, and write nothing.",
        epilog="Example: python -m anoncam.bench.floor clip.mp4 preset=ultrafast crf=23",
    )
    parser.add_argument("clip", type=Path, metavar="CLIP")
    parser.add_argument("options", nargs="*", metavar="NAME=VALUE", help="options of libx264")
    given = parser.parse_args()
    if wrong := [word for word in given.options if "=" not in word]:
        parser.error(f"{wrong[0]!r} is not of the form NAME=VALUE")
    try:
        transcode(given.clip, dict(word.split("=", 1) for word in given.options))
    except av.FFmpegError as error:
        parser.exit(1, f"error: {error}\n")


if __name__ == "__main__":
    main()
