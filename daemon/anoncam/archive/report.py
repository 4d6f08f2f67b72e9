"""The report of a run, for people who look through its results: as CSV and as JSON."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict

from anoncam.archive.at_hand import write_whole
from anoncam.archive.one_file import FileResult
from anoncam.stores.place import Place

COLUMNS = ("input", "output", "seconds", "frames", "faces_covered", "veiled", "doubtful", "error")


def write_report(results: Sequence[FileResult], folder: Place) -> tuple[Place, Place]:
    """Write ``report.csv`` and ``report.json``; their paths.

    Raises:
        StorageError: the disk failed.
        StoreError: the store refuses, or cannot be reached.
    """
    text = io.StringIO()
    # A field that begins like a formula would be one in a spreadsheet.
    rows = csv.writer(text)
    rows.writerow(COLUMNS)
    rows.writerows([_cell(getattr(each, name)) for name in COLUMNS] for each in results)
    data = json.dumps([asdict(each) for each in results], indent=2)
    paths = folder / "report.csv", folder / "report.json"
    for path, content in zip(paths, (text.getvalue(), data), strict=True):
        # Names need not be text.
        write_whole(path, content.encode(errors="surrogateescape"))
    return paths


def _cell(value: object) -> object:
    if isinstance(value, list):
        return "; ".join(
            f"{each.begin:.1f}-{each.end:.1f} s: {each.track}, score {each.score:.2f}"
            for each in value
        )
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
