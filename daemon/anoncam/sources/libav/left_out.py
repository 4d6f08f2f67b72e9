"""Says what a file holds beside its footage and its sound, which a copy leaves out."""

from collections import Counter
from collections.abc import Sequence

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition, Stream

from anoncam.events.counted import counted

_TECHNICAL = {"major_brand", "minor_version", "compatible_brands", "encoder", "software"}
"""Descriptions that say nothing of what the file shows."""

_MOST, _LONGEST = 4, 30
"""Descriptions that are named, and letters of their names."""

_NAMES = {
    "video": "cover picture",
    "audio": "audio track",
    "subtitle": "subtitle track",
    "attachment": "attachment",
}


def describe_left_out(container: InputContainer, kept: Sequence[Stream | None]) -> str:
    """Return "2 subtitle tracks, 1 attachment", or nothing; `kept` are streams of the container."""
    kept_indices = {stream.index for stream in kept if stream is not None}
    counts = Counter(
        _NAMES.get(stream.type or "", "data track")
        for stream in container.streams
        if stream.index not in kept_indices
    )
    counts["chapter"] = len(container.chapters())
    texts = [key for key in container.metadata if key.lower() not in _TECHNICAL]
    counts[f"text ({', '.join(key[:_LONGEST] for key in texts[:_MOST])})"] = len(texts)
    return ", ".join(counted(count, name) for name, count in counts.items() if count)


def default_track(streams: Sequence[AudioStream]) -> AudioStream | None:
    """Return the stream that players choose: the one marked default, or the first."""
    return max(
        streams, key=lambda stream: bool(stream.disposition & Disposition.default), default=None
    )
