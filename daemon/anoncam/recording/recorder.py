"""Where anonymized frames go: encoders, fragmented segments, retention, whole files."""

from typing import Protocol

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame


class Recorder(Protocol):
    """The end of the way of a frame."""

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame; on return nobody but libav's own references reads its buffer.

        Raises:
            StorageError: the output cannot be written.
        """
        ...

    def finish(self) -> None:
        """Complete what is open and give it its final name; idempotent."""
        ...
