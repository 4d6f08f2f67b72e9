"""The folder of the recordings: it is prepared after a start, and segments are numbered in it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from anoncam.events.event import LOGGER
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.files.file_system_calls import forget_refusals, replace_in
from anoncam.files.regular_file import read_regular
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.salvage import salvage
from anoncam.segments.part_file import PartFile
from anoncam.segments.segment_name import LARGEST_NUMBER, SegmentName, scan

_NUMBER_FILE = ".anoncam-number"
_LONGEST_NUMBER = 100
"""Bytes."""


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
        self._number_refused = False
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
        # Beyond the largest number, times order the segments.
        number = min((self._number or 0) + 1, LARGEST_NUMBER)
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
            text = read_regular(self.path / _NUMBER_FILE, _LONGEST_NUMBER).strip()
        except OSError:
            # The segments and their evidence have numbers, too.
            return 0
        return min(int(text), LARGEST_NUMBER) if text.isdigit() else 0

    def _write_number(self, number: int) -> None:
        try:
            replace_in(self.path, _NUMBER_FILE, f"{number}\n".encode(), self._disk.device)
        except (IsADirectoryError, NotADirectoryError, PermissionError) as error:
            # Something else has the name. Recording goes on without the note.
            if not self._number_refused:
                self._number_refused = True
                LOGGER.warning("%s cannot be written: %s", _NUMBER_FILE, error.strerror)
