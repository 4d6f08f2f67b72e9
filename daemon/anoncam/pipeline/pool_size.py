"""How many frames the pool holds: what waits for the look-ahead and for results, and some to spare.

Nobody can trust the rate that a camera or a file declares. So a pool begins with the frames of that
rate and grows to those of the rate that is seen, up to a limit that is known from the start.
"""

import math

from anoncam.config.schema import Config
from anoncam.frames.frame import FrameFormat
from anoncam.pipeline.waiting_frames import CALM

SPARE_FRAMES = 8
"""Frames in the pool beyond those that wait in the window: on their way in and out."""

RESULTS_AHEAD = 3
"""Results beyond the look-ahead for which frames of a file wait, at the longest interval between
them, so that the detector has work while frames leave."""

MOST_AHEAD = 1.0
"""Seconds that these take at most: a low rate must not fill the memory."""

HIGHEST_RATE = 60
"""Frames per second for which a pool may grow, whatever is declared."""


def pool_size(rate: float, config: Config, *, live: bool) -> int:
    """How many frames the pool needs at `rate` frames per second.

    Frames of a live source do not wait for results.
    """
    waiting = config.coverage.look_ahead
    if not live and config.detector.rate:
        waiting += min(RESULTS_AHEAD * CALM / config.detector.rate, MOST_AHEAD)
    return math.ceil(waiting * rate) + SPARE_FRAMES


def largest_pool_size(frame_format: FrameFormat, config: Config, *, live: bool) -> int:
    """The number of frames to which the pool may grow."""
    return pool_size(max(float(frame_format.frame_rate), HIGHEST_RATE), config, live=live)
