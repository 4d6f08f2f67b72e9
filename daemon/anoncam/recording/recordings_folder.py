"""The folder of the recordings: on its own disk, cleared of a crash's leftovers, numbered upwards
only.
"""

import os
from datetime import datetime
from pathlib import Path

from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.salvage import salvage
from anoncam.segments.part_file import PartFile, sync_folder
from anoncam.segments.segment_name import SegmentName, scan

_NUMBER_FILE = ".anoncam-number"


class RecordingsFolder:
    """Opens segments under the next number.

    The number is kept in a small file too, so that it goes on when all segments have been moved
    away. Every method raises OSError when the disk fails.
    """

    def __init__(self, path: Path, evidence: LedgerWriter, disk: RecordingsDisk) -> None:
        self.path = path
        self._evidence = evidence
        self._disk = disk
        self._number: int | None = None

    def prepare(self) -> None:
        """Make the folder where it is missing, salvage what was left unfinished, find the next
        number.
        """
        self._disk.check_mounted()
        self.path.mkdir(parents=True, exist_ok=True)
        self._disk.learn()
        segments = scan(self.path)
        self._evidence.prepare(segments)
        salvage(self.path, segments, self._evidence)
        known = self._number or 0, self._read_number(), self._evidence.newest
        self._number = max(*known, *(segment.number for segment in segments))

    def create(self, start: datetime) -> PartFile:
        """A new segment's file; the folder must have been prepared."""
        self._disk.check()
        number = (self._number or 0) + 1
        self._write_number(number)
        self._number = number
        return PartFile(
            self.path,
            SegmentName(number, start.replace(microsecond=0), finished=False),
            self._disk.device,
        )

    def check(self) -> None:
        """Notice that the disk is gone, or that another one has come since the folder was
        prepared.
        """
        self._disk.check()

    def _read_number(self) -> int:
        try:
            text = (self.path / _NUMBER_FILE).read_text("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return 0
        return int(text) if text.strip().isdecimal() else 0

    def _write_number(self, number: int) -> None:
        fresh = self.path / f"{_NUMBER_FILE}.new"
        with fresh.open("w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(self.path / _NUMBER_FILE)
        sync_folder(self.path)
