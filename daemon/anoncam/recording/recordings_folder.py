"""The folder of the recordings: it is prepared after a start, and segments are numbered in it."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from anoncam.events.event import LOGGER
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.files.file_system_calls import forget_refusals, open_in, sync_file, sync_folder
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.salvage import salvage
from anoncam.segments.part_file import PartFile
from anoncam.segments.segment_name import SegmentName, scan

_NUMBER_FILE = ".anoncam-number"


class RecordingsFolder:
    """Creates the files of segments, each under the next number.

    A small file holds the last number, so that numbers go on after all segments were moved away.
    Every method raises OSError when the disk fails.
    """

    def __init__(self, path: Path, evidence: LedgerWriter, disk: RecordingsDisk) -> None:
        self.path = path
        self._evidence = evidence
        self._disk = disk
        self._number: int | None = None
        self._salvage_problems: set[str] = set()

    def prepare(self) -> None:
        """Make the folder if it is missing, salvage unfinished segments, find the last number."""
        self._disk.check_mounted()
        self.path.mkdir(parents=True, exist_ok=True)
        self._disk.learn()
        forget_refusals()
        segments = scan(self.path)
        self._evidence.prepare(segments, self._disk.device)
        self._salvage(segments)
        known = self._number or 0, self._read_number(), self._evidence.newest
        self._number = max(*known, *(segment.number for segment in segments))

    def create(self, start: datetime) -> PartFile:
        """The file of a new segment; the folder must have been prepared."""
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
        """Check that the disk is still the one on which the folder was prepared."""
        self._disk.check()

    def _salvage(self, segments: Sequence[SegmentName]) -> None:
        problems = salvage(self.path, segments, self._evidence)
        for name, problem in problems.items():
            # Each retry may leave one more, so one is logged for all with the same reason.
            if problem not in self._salvage_problems:
                self._salvage_problems.add(problem)
                LOGGER.warning("%s cannot be salvaged for now: %s", name, problem)
        self._salvage_problems &= set(problems.values())

    def _read_number(self) -> int:
        try:
            text = (self.path / _NUMBER_FILE).read_text("ascii")
        except (FileNotFoundError, UnicodeDecodeError):
            return 0
        return int(text) if text.strip().isdecimal() else 0

    def _write_number(self, number: int) -> None:
        fresh = self.path / f"{_NUMBER_FILE}.new"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        descriptor = open_in(self.path, fresh.name, flags, self._disk.device)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(f"{number}\n")
            file.flush()
            sync_file(file.fileno(), fresh)
        fresh.rename(self.path / _NUMBER_FILE)
        sync_folder(self.path)
