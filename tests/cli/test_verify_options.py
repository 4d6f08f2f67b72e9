from pathlib import Path

import click
import pytest

from anoncam.cli.verify_options import anchors_in, key_of
from anoncam.errors import InputError

FINGERPRINT = "5d1f" * 16


def key(value: object) -> str:
    return key_of(click.Context(click.Command("x")), click.Option(["--key"]), str(value))


@pytest.mark.parametrize("text", [FINGERPRINT, "5D1F " * 16, ":".join(["5d", "1f"] * 16)])
def test_a_fingerprint_is_taken_as_it_is_printed_or_from_a_file(text: str, tmp_path: Path) -> None:
    assert key(text) == FINGERPRINT
    file = tmp_path / "camera.key"
    file.write_text(f"# the camera at the door\n\n{text}\n")
    assert key(file) == FINGERPRINT


def test_without_a_key_there_is_none() -> None:
    assert key("") == ""


def test_what_is_no_fingerprint_and_no_file_with_one_is_refused(tmp_path: Path) -> None:
    empty, two = tmp_path / "empty", tmp_path / "two"
    empty.write_bytes(b"\xff\0")
    two.write_text(f"{FINGERPRINT}\n{'ab' * 32}\n")
    for value in ("5d1f", tmp_path / "missing", empty, two, tmp_path):
        with pytest.raises(click.BadParameter):
            key(value)


def test_a_file_without_anchors_is_an_error(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    for file in (empty, tmp_path / "missing"):
        with pytest.raises(InputError):
            anchors_in([file], None)
