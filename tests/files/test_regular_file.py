"""What is no regular file is not followed and not waited for, and none is read without end."""

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.files.file_system_calls import open_in, replace_in
from anoncam.files.regular_file import open_regular, read_regular


def bind(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))


IRREGULAR: list[Callable[[Path], object]] = [
    os.mkfifo,
    bind,
    lambda path: path.symlink_to("/etc/passwd"),
    lambda path: path.symlink_to("/dev/zero"),
    lambda path: path.symlink_to("nowhere"),
    lambda path: path.symlink_to(path),
]


@pytest.mark.parametrize("make", IRREGULAR)
def test_what_is_no_regular_file_counts_as_none(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        open_regular(tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        read_regular(tmp_path / "file", 1)


@pytest.mark.parametrize("make", IRREGULAR)
@pytest.mark.parametrize("flags", [os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_CREAT | os.O_TRUNC])
def test_what_is_no_regular_file_is_not_written_to(
    make: Callable[[Path], object], flags: int, tmp_path: Path
) -> None:
    make(tmp_path / "file")
    with pytest.raises(OSError, match=r".+"):
        open_in(tmp_path, "file", flags, None)


@pytest.mark.parametrize("make", IRREGULAR)
def test_a_file_is_replaced_whatever_lies_in_its_way(
    make: Callable[[Path], object], tmp_path: Path
) -> None:
    make(tmp_path / "file")
    make(tmp_path / "file.part")
    replace_in(tmp_path, "file", b"content", None)
    assert read_regular(tmp_path / "file", 7) == b"content"
    assert list(tmp_path.iterdir()) == [tmp_path / "file"]


def test_another_name_of_a_file_is_replaced_and_that_file_stays(tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "file.part").hardlink_to(tmp_path / "other")
    replace_in(tmp_path, "file", b"content", None)
    assert (tmp_path / "other").read_bytes() == b"other"


def test_a_file_without_end_is_read_no_further_than_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1 << 42)
    with pytest.raises(OSError, match="too large"):
        read_regular(tmp_path / "file", 1000)
