import json
import stat
from pathlib import Path

import pytest

from anoncam.errors import InputError, StorageError
from anoncam.web.passwords import NAME, Role, read, role_of, write


def test_a_password_has_the_role_for_which_it_was_set(tmp_path: Path) -> None:
    assert read(tmp_path) == {}
    write(tmp_path, Role.ADMIN, "long enough 1")
    write(tmp_path, Role.VIEWER, "long enough 2")
    hashes = read(tmp_path)
    assert role_of("long enough 1", hashes) is Role.ADMIN
    assert role_of("long enough 2", hashes) is Role.VIEWER
    assert role_of("long enough 3", hashes) is None
    assert role_of("", hashes) is None
    assert role_of("\ud800", hashes) is None


def test_the_file_holds_no_password_and_is_for_its_owner_and_the_web_process(
    tmp_path: Path,
) -> None:
    write(tmp_path, Role.ADMIN, "long enough 1")
    assert "long enough" not in (tmp_path / NAME).read_text()
    assert stat.S_IMODE((tmp_path / NAME).stat().st_mode) == 0o640


def test_the_same_password_has_another_hash_each_time(tmp_path: Path) -> None:
    found = []
    for _ in range(2):
        write(tmp_path, Role.ADMIN, "long enough 1")
        found.append(json.loads((tmp_path / NAME).read_text())["admin"]["scrypt"])
    assert found[0] != found[1]


@pytest.mark.parametrize("password", ["", "too short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_is_refused(tmp_path: Path, password: str) -> None:
    with pytest.raises(InputError, match="characters"):
        write(tmp_path, Role.ADMIN, password)


@pytest.mark.parametrize("damage", ["{", "[]", '{"root": {}}', '{"admin": {"salt": "x"}}'])
def test_a_damaged_file_lets_nobody_in(tmp_path: Path, damage: str) -> None:
    (tmp_path / NAME).write_text(damage)
    with pytest.raises(InputError, match="set the password again"):
        read(tmp_path)


def test_a_folder_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="use sudo"):
        write(tmp_path / "file", Role.ADMIN, "long enough 1")
