"""A real face: the public-domain portrait that scikit-image carries."""

import av
import numpy as np
import skimage.data

from anoncam.frames.frame import Frame, FrameFormat
from tests.support.frames import blank

FACE = (175, 65, 100, 125)
"""x, y, width and height of the face in the 512x512 pixels of the portrait, measured by hand."""


def portrait_frame(
    frame_format: FrameFormat, timestamp: int = 0
) -> tuple[Frame, tuple[float, float, float, float]]:
    """A frame with the portrait at the left, as high as the frame, on grey; the box of its face."""
    side = min(frame_format.width, frame_format.height) // 2 * 2
    picture = np.full((frame_format.height, frame_format.width, 3), 90, np.uint8)
    astronaut = skimage.data.astronaut()
    portrait = av.VideoFrame.from_ndarray(astronaut, "rgb24").reformat(side, side)
    picture[:side, :side] = portrait.to_ndarray()
    video = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=str(frame_format.layout))
    frame = blank(frame_format)
    frame.timestamp = timestamp
    planes = [
        np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)[
            :, : plane.width * samples
        ]
        for plane, samples in zip(
            video.planes, (1, 1 if len(frame.chroma) == 2 else 2, 1), strict=False
        )
    ]
    frame.luma[:] = planes[0]
    for target, plane in zip(frame.chroma, planes[1:], strict=True):
        target[:] = plane.reshape(target.shape)
    scale = side / 512
    return frame, (FACE[0] * scale, FACE[1] * scale, FACE[2] * scale, FACE[3] * scale)
