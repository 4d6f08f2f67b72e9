"""What differs between two configurations, and what of it the running pipeline can take over."""

from collections.abc import Iterable

from anoncam.config.keys import FIELDS, dotted
from anoncam.config.schema import Config

NEEDS_NEW_SOURCE = frozenset(
    {
        *(key for key in map(dotted, FIELDS) if key.startswith("source.")),
        # The frame pool is as large as the look-ahead is long, and is made once.
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
        # The child process leaves out what scores less.
        "coverage.keep_threshold",
    }
)
"""The settings for which a second detector process is started, which then takes over from the
first."""


def changes(old: Config, new: Config) -> tuple[str, ...]:
    """The dotted keys whose values differ, in the order of the schema."""
    return tuple(dotted(key) for key in FIELDS if _value(old, key) != _value(new, key))


def needs_new_source(changed: Iterable[str]) -> bool:
    """Whether one of the `changed` keys interrupts the recording."""
    return not NEEDS_NEW_SOURCE.isdisjoint(changed)


def needs_new_detector(changed: Iterable[str]) -> bool:
    """Whether one of the `changed` keys takes a new detector process."""
    return not NEEDS_NEW_DETECTOR.isdisjoint(changed)


def _value(config: Config, key: tuple[str, ...]) -> object:
    value: object = config
    for name in key:
        value = getattr(value, name)
    return value
