"""Chunks of a long file: spans of its own time that can be worked on apart from each other."""

from anoncam.clock import NANOSECONDS

CHUNK = 60 * NANOSECONDS
"""Nanoseconds of a chunk. The next one begins with the first frame from a multiple of it on."""

HISTORY = 2 * NANOSECONDS
"""Nanoseconds before a chunk from which on its scenes are watched: a cut is certain after 0.4 s."""

LEAD_IN = 5 * NANOSECONDS
"""Nanoseconds before a chunk whose frames the tones of its squares depend on."""


def chunk_of(timestamp: int) -> int:
    """The number of the chunk that a frame of `timestamp` (nanoseconds) belongs to."""
    return timestamp // CHUNK


def chunk_end(timestamp: int) -> int:
    """The nanoseconds at which the chunk of `timestamp` is over."""
    return (chunk_of(timestamp) + 1) * CHUNK
