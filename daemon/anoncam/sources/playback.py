"""Plays a video file to its end, to see whether it can be played."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av


@dataclass(frozen=True)
class Playback:
    """The number of frames that play; `problem` is empty if the file plays to its end."""

    frames: int
    problem: str


def play(path: Path, check: Callable[[], None]) -> Playback:
    """Decode all frames of a file; `check` is called for each and may raise to end it."""
    frames = 0
    try:
        with av.open(str(path)) as container:
            for _ in container.decode(video=0):
                frames += 1
                check()
    except (av.FFmpegError, IndexError) as error:
        reason = getattr(error, "strerror", None) or error
        return Playback(frames, f"it plays {frames} frames, then: {reason}")
    return Playback(frames, "" if frames else "it holds no frame")
