"""Strangers' files are read within limits, and fail with one error that names them."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.errors import CoverageFileError, StorageError
from anoncam.recording.whole_file import WholeFile
from anoncam.review import coverage_file
from anoncam.review.coverage_file import read_document, write_document
from anoncam.review.document import CoverageDocument
from anoncam.tracking.coverage import Coverage
from tests.support.documents import FACE, document_of

DOCUMENT = document_of([Coverage((FACE,))] * 3)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    write_document(DOCUMENT, WholeFile(path, force=False))
    assert read_document(path) == DOCUMENT
    assert [each.name for each in tmp_path.iterdir()] == ["coverage.json"]
    with pytest.raises(StorageError, match="exists"):
        WholeFile(path, force=False)


@pytest.mark.parametrize("kind", ["missing", "folder", "fifo", "empty", "text", "latin", "deep"])
def test_what_is_no_coverage_file_is_refused_by_name(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "coverage.json"
    match kind:
        case "folder":
            path.mkdir()
        case "fifo":
            os.mkfifo(path)
        case "empty" | "text":
            path.write_text("" if kind == "empty" else "hello")
        case "latin":
            path.write_bytes(b'{"format": "\xff"}')
        case "deep":
            path.write_text("[" * 100_000)
    with pytest.raises(CoverageFileError, match=r"coverage\.json"):
        read_document(path)


def test_a_file_that_is_too_large_is_neither_read_nor_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "coverage.json"
    path.write_text(DOCUMENT.model_dump_json())
    monkeypatch.setattr(coverage_file, "LARGEST", 100)
    with pytest.raises(CoverageFileError, match="larger"):
        read_document(path)
    with pytest.raises(CoverageFileError, match="larger"):
        write_document(DOCUMENT, WholeFile(tmp_path / "other.json", force=False))
    assert not (tmp_path / "other.json").exists()


def test_of_many_errors_the_first_are_told(tmp_path: Path) -> None:
    path = tmp_path / "coverage.json"
    path.write_text("{}")
    with pytest.raises(CoverageFileError, match=r"format: Field required; .*; and 3 more"):
        read_document(path)


@given(st.data())
def test_a_damaged_file_is_read_whole_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    text = bytearray(DOCUMENT.model_dump_json().encode())
    place = data.draw(st.integers(0, len(text) - 1))
    text[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    path = tmp_path_factory.mktemp("damaged") / "coverage.json"
    path.write_bytes(text)
    try:
        assert isinstance(read_document(path), CoverageDocument)
    except CoverageFileError as error:
        assert str(path) in str(error)
