"""The report of a run, as people and programs read it."""

import csv
import json
from pathlib import Path

from anoncam.archive.doubts import Doubt
from anoncam.archive.one_file import FileResult, refused
from anoncam.archive.report import COLUMNS, write_report


def test_both_reports_have_every_file(tmp_path: Path) -> None:
    doubt = Doubt("track 3", 0.412, 61.25, 64.0)
    done = FileResult("a.mp4", "out/a.mp4", 100, 42, 1, seconds=2.5, doubtful=[doubt])
    table, data = write_report([done, refused(Path("b.mp4"), "it is empty")], tmp_path)
    rows = list(csv.DictReader(table.read_bytes().decode().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert rows[0]["doubtful"] == "61.2-64.0 s: track 3, score 0.41"
    assert (rows[1]["output"], rows[1]["error"]) == ("", "it is empty")
    read = json.loads(data.read_bytes().decode())
    assert read[0]["doubtful"] == [{"track": "track 3", "score": 0.412, "begin": 61.25, "end": 64}]
    assert read[1]["error"] == "it is empty"


def test_a_name_is_no_formula_in_a_spreadsheet(tmp_path: Path) -> None:
    table, _ = write_report([refused(Path("=cmd()"), "no")], tmp_path)
    assert "'=cmd()" in table.read_bytes().decode()
