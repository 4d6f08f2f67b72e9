"""Compensate for the camera's motion: boxes in coordinates of the world, where still faces stay.

In pixels, a small face under a pan does not overlap itself from one result to the next, and a
persisting box stays behind. In coordinates of the world, both stay in place.
"""

from bisect import bisect_right

import numpy as np

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box, Boxes
from anoncam.motion.camera_motion import STILL, Motion

_FAR, _FAR_ZOOM = 100_000, 2.0
"""Pixels from the origin, and zoom, from which another origin is due: floats lose precision."""

_LATEST = 5 * NANOSECONDS
"""How long after its frame has left a result may come."""


class CameraPath:
    """The camera's pose at the timestamp of each frame: how it has moved since the origin.

    >>> path = CameraPath()
    >>> path.add(0, STILL)
    >>> path.add(33_000_000, Motion(right=10))
    >>> path.to_picture((0, 0, 20, 20), 33_000_000)
    (10.0, 0.0, 30.0, 20.0)
    """

    def __init__(self) -> None:
        self._timestamps: list[int] = []
        self._poses: list[Motion] = []

    def add(self, timestamp: int, motion: Motion) -> None:
        """The camera has moved by `motion` from the frame before to that of `timestamp`."""
        last = self._poses[-1] if self._poses else STILL
        self._timestamps.append(timestamp)
        self._poses.append(
            Motion(
                motion.zoom * last.zoom,
                motion.zoom * last.right + motion.right,
                motion.zoom * last.down + motion.down,
            )
        )

    def to_world(self, boxes: Boxes, timestamp: int) -> Boxes:
        """Boxes (n, 4) of the picture at `timestamp` (nanoseconds), in coordinates of the world."""
        pose = self._pose(timestamp)
        return np.asarray((boxes - (pose.right, pose.down, pose.right, pose.down)) / pose.zoom)

    def to_picture(self, box: Box, timestamp: int) -> Box:
        """A box of the world, in pixels of the picture at `timestamp`."""
        return self._pose(timestamp).move(box)

    def forget(self, before: int) -> None:
        """Drop what no timestamp from `before` on needs."""
        done = max(0, bisect_right(self._timestamps, before - _LATEST) - 1)
        del self._timestamps[:done], self._poses[:done]

    @property
    def is_far(self) -> bool:
        """Whether the oldest known pose is so far from the origin that `rebase` is due."""
        first = self._poses[0] if self._poses else STILL
        return (
            not 1 / _FAR_ZOOM < first.zoom < _FAR_ZOOM
            or max(abs(first.right), abs(first.down)) > _FAR
        )

    def rebase(self) -> Motion:
        """Make the oldest known pose the origin.

        Motion adds up without bounds: a camera that drives on zooms for ever.

        Returns:
            The motion by which everything in coordinates of the world has to move now.
        """
        first = self._poses[0] if self._poses else STILL
        if first != STILL:
            self._poses = [
                Motion(
                    zoom := pose.zoom / first.zoom,
                    pose.right - zoom * first.right,
                    pose.down - zoom * first.down,
                )
                for pose in self._poses
            ]
        return first

    def _pose(self, timestamp: int) -> Motion:
        place = bisect_right(self._timestamps, timestamp)
        return self._poses[max(0, place - 1)] if self._poses else STILL
