"""Refuse sizes that are most likely a slip, since they would delete almost every recording.

These rules are no part of the schema: the last good configuration of an earlier version may break
them and stays usable.
"""

from anoncam.config import yaml_nodes
from anoncam.config.allowed_values import takes_size
from anoncam.config.keys import FIELDS, dotted
from anoncam.config.problems import Problem
from anoncam.config.schema import Config, RecordingSettings
from anoncam.config.setting import Settings

_MAX_SIZE = ("recording", "retention", "max_size")
_MEGA, _GIGA = 10**6, 10**9


def sizes_without_unit(settings: Settings) -> list[Problem]:
    """A problem for each size that is a bare number: somebody meant more than bytes."""
    problems = []
    for key, field in FIELDS.items():
        if key in settings and takes_size(field):
            value = yaml_nodes.value_of(settings[key].node)
            if isinstance(value, int) and not isinstance(value, bool) and value > 0:
                what = f"is {value} without a unit, must have one, such as {_with_unit(value)}"
                problems.append(Problem(settings[key].place(), dotted(key), what))
    return problems


def too_small_for_a_segment(config: Config, settings: Settings) -> list[Problem]:
    """A problem if `max_size` has no room for one segment at the configured bitrate."""
    recording = config.recording
    most, needed = recording.retention.max_size, segment_bytes(recording)
    if most is None or most >= needed or _MAX_SIZE not in settings:
        return []
    setting = settings[_MAX_SIZE]
    what = (
        f"is {yaml_nodes.text_of(setting.node)}, must be at least {-(-needed // 10**5) / 10:g}MB: "
        f"one segment is up to {recording.segment_length:g} s of {recording.bitrate} kilobits "
        "per second (or lower recording.segment_length)"
    )
    return [Problem(setting.place(), dotted(_MAX_SIZE), what)]


def segment_bytes(recording: RecordingSettings) -> int:
    """The bytes of a full segment at the configured bitrate."""
    return int(recording.segment_length * recording.bitrate * 1000 / 8)


def _with_unit(number: int) -> str:
    """What somebody probably meant: the very size if it is large, else as many gigabytes."""
    if number >= _GIGA:
        return f"{number / _GIGA:g}GB"
    if number >= _MEGA:
        return f"{number / _MEGA:g}MB"
    return f"{number}GB"
