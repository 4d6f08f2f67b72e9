"""Pictures as libav's video frames."""

import av
import numpy as np

from anoncam.frames.frame import Layout, Picture

VideoFrame = av.VideoFrame
"""A picture for an encoder."""


def wrap(picture: Picture) -> VideoFrame:
    """A video frame over the picture's memory, which it references; odd sizes are rounded up.

    A picture whose height is no multiple of 4 is copied: PyAV would cut its height to one.
    """
    picture_format, buffer = picture.format, picture.buffer
    width, height = (
        picture_format.width + picture_format.width % 2,
        picture_format.height + picture_format.height % 2,
    )
    if height % 4 == 0:
        return av.VideoFrame.from_numpy_buffer(buffer, str(picture_format.layout), width=width)
    video = av.VideoFrame(width, height, str(picture_format.layout))
    parts = [buffer[:height, :width], buffer[height:, :width]]
    if picture_format.layout is Layout.I420:
        parts[1:] = buffer[height:].reshape(2, height // 2, picture_format.stride // 2)[
            :, :, : width // 2
        ]
    for plane, part in zip(video.planes, parts, strict=True):
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            : part.shape[0], : part.shape[1]
        ] = part
    return video
