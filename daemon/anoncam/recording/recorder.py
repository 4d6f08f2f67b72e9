"""The protocol of whatever records anonymized frames."""

from typing import Protocol

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame


class Recorder(Protocol):
    """Takes anonymized frames in their order."""

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame; after the return only libav may still read its buffer, by reference.

        Raises:
            StorageError: the output cannot be written.
        """
        ...

    def finish(self) -> None:
        """Complete what is open and give it its final name; idempotent."""
        ...
