"""What differs between two configurations, and what has to be set up anew for it."""

from collections.abc import Iterable

from anoncam.config.keys import FIELDS, Key, dotted
from anoncam.config.schema import Config

NEEDS_NEW_SOURCE = frozenset(
    {
        *(key for key in map(dotted, FIELDS) if key.startswith("source.")),
        # The size of the frame pool follows from the look-ahead, and the pool is made once.
        "coverage.look_ahead",
        "recording.encoder",
        "recording.folder",
    }
)
"""The settings for which the camera, the frame pool or the recorder is set up anew.

All others take effect without losing a frame.
"""

NEEDS_NEW_DETECTOR = frozenset(
    {
        "detector.model",
        "detector.device",
        "detector.fallback",
        "detector.runtime",
        "detector.threads",
        "detector.result_timeout",
        "detector.service",
        # The detector process leaves out detections with lower scores.
        "coverage.keep_threshold",
    }
)
"""The settings for which a second detector process is started, which then replaces the first."""


def changes(old: Config, new: Config) -> tuple[str, ...]:
    """The dotted keys whose values differ, in the order of the schema."""
    return tuple(dotted(key) for key in FIELDS if _value(old, key) != _value(new, key))


def needs_new_source(changed: Iterable[str]) -> bool:
    """Whether one of the `changed` keys interrupts the recording."""
    return not NEEDS_NEW_SOURCE.isdisjoint(changed)


def needs_new_detector(changed: Iterable[str]) -> bool:
    """Whether one of the `changed` keys needs a new detector process."""
    return not NEEDS_NEW_DETECTOR.isdisjoint(changed)


def _value(config: Config, key: Key) -> object:
    value: object = config
    for name in key:
        value = getattr(value, name)
    return value
