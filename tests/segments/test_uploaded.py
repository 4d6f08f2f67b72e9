from pathlib import Path

import pytest

from anoncam.segments.uploaded import NAME, UploadNote, read_note, write_note


def test_a_note_reads_back_as_it_was_written(tmp_path: Path) -> None:
    note = UploadNote("/srv/footage", "nas:garden", 42, "the network is down")
    write_note(tmp_path / "new", note)
    assert read_note(tmp_path / "new", "/srv/footage", "nas:garden") == note
    assert [path.name for path in (tmp_path / "new").iterdir()] == [NAME]


@pytest.mark.parametrize(
    ("recordings", "to"), [("/srv/other", "nas:garden"), ("/srv/footage", "nas:door")]
)
def test_of_other_recordings_or_another_remote_nothing_counts_as_uploaded(
    tmp_path: Path, recordings: str, to: str
) -> None:
    write_note(tmp_path, UploadNote("/srv/footage", "nas:garden", 42))
    assert read_note(tmp_path, recordings, to) == UploadNote(recordings, to)


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"through": 9}', '{"other": 1}', "\xff", "[" * 50_000]
)
def test_a_note_that_is_missing_or_spoiled_says_that_nothing_is_uploaded(
    tmp_path: Path, content: str
) -> None:
    assert read_note(tmp_path, "a", "b:").through == 0
    (tmp_path / NAME).write_text(content, "latin-1")
    assert read_note(tmp_path, "a", "b:").through == 0


@pytest.mark.parametrize("through", ['"all"', "true", "7.5", '7, "problem": 5'])
def test_a_number_that_is_none_says_that_nothing_is_uploaded(tmp_path: Path, through: str) -> None:
    (tmp_path / NAME).write_text(f'{{"recordings": "a", "to": "b:", "through": {through}}}')
    assert read_note(tmp_path, "a", "b:").through == 0
