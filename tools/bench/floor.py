"""The least that any tool does to a video: decode it, encode it again. ``python -m
tools.bench.floor CLIP preset=ultrafast``.

It is `ffmpeg -i CLIP -c:v libx264 -preset ultrafast -f null -` without ffmpeg: what the benchmark
measures against. It imports nothing of anoncam, which would take longer to load than it may.
"""

import sys
from pathlib import Path

import av
from av.codec.context import ThreadType


def transcode(clip: Path, options: dict[str, str]) -> int:
    """Decode `clip` and encode every frame with these options of libx264, keeping nothing; the
    bytes that came out.
    """
    size = 0
    with av.open(clip) as container:
        source = container.streams.video[0]
        source.thread_type = "AUTO"
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height, encoder.pix_fmt = source.width, source.height, "yuv420p"
        assert source.time_base is not None
        encoder.time_base = source.time_base
        encoder.options = options
        # As ffmpeg has it, and anoncam; PyAV's own choice, slices of one frame, is slower.
        encoder.thread_type = ThreadType.FRAME
        for frame in container.decode(source):
            frame.pict_type = av.video.frame.PictureType.NONE
            size += sum(packet.size for packet in encoder.encode(frame))
        return size + sum(packet.size for packet in encoder.encode(None))


if __name__ == "__main__":
    transcode(Path(sys.argv[1]), dict(word.split("=", 1) for word in sys.argv[2:]))
