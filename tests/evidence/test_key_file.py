import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.errors import StorageError
from anoncam.evidence import key_file as module
from anoncam.evidence.key_file import NAME, PUBLIC, REPLACED, KeyFile, read_public
from anoncam.evidence.signing_key import SigningKey


def test_the_first_use_makes_a_key_that_only_its_owner_can_read(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        signers = KeyFile(tmp_path / "state").signers()
    finally:
        os.umask(before)
    state = tmp_path / "state"
    assert stat.S_IMODE((state / NAME).stat().st_mode) == 0o600
    assert read_public(state) == signers.key.fingerprint
    assert KeyFile(state).signers().key.fingerprint == signers.key.fingerprint
    assert sorted(path.name for path in state.iterdir()) == [NAME, PUBLIC]


def test_a_key_of_systemds_credentials_goes_before_one_in_the_state_folder(tmp_path: Path) -> None:
    own = KeyFile(tmp_path / "state").signers().key.fingerprint
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    assert KeyFile(tmp_path / "state", credentials).signers().key.fingerprint == own
    given = SigningKey.make()
    (credentials / NAME).write_bytes(given.pem())
    with_credential = KeyFile(tmp_path / "state", credentials)
    assert with_credential.signers().key.fingerprint == given.fingerprint
    assert read_public(tmp_path / "state") == given.fingerprint
    with pytest.raises(StorageError, match="credential"):
        with_credential.rotate()


def test_a_damaged_key_is_never_replaced_by_itself(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"damaged")
    with pytest.raises(StorageError, match="cannot be used: it is no key in PEM"):
        KeyFile(tmp_path).signers()
    assert (tmp_path / NAME).read_bytes() == b"damaged"


def test_after_a_rotation_the_key_before_is_kept_until_its_successor_is_introduced(
    tmp_path: Path,
) -> None:
    key_file = KeyFile(tmp_path)
    first = key_file.signers().key.fingerprint
    second = key_file.rotate("lent out")
    signers = key_file.signers()
    assert signers.key.fingerprint == second != first
    assert signers.replaced is not None
    assert (signers.replaced.fingerprint, signers.revoked) == (first, "lent out")
    assert stat.S_IMODE((tmp_path / REPLACED).stat().st_mode) == 0o600
    with pytest.raises(StorageError, match="wait until"):
        key_file.rotate()
    key_file.introduced()
    assert key_file.signers().replaced is None
    assert not (tmp_path / REPLACED).exists()


def test_a_crash_in_the_middle_of_a_rotation_leaves_the_old_key_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_file = KeyFile(tmp_path)
    first = key_file.signers().key.fingerprint
    write: Callable[..., None] = KeyFile._write

    def cut(self: KeyFile, name: str, content: bytes, mode: int = 0o600) -> None:
        if name == NAME:
            raise OSError("the power is cut")
        write(self, name, content, mode)

    monkeypatch.setattr(module.KeyFile, "_write", cut)
    with pytest.raises(StorageError):
        key_file.rotate()
    monkeypatch.undo()
    signers = key_file.signers()
    assert (signers.key.fingerprint, signers.replaced) == (first, None)
    assert key_file.rotate() != first


def test_a_link_that_lies_in_the_way_is_not_followed(tmp_path: Path) -> None:
    state, elsewhere = tmp_path / "state", tmp_path / "elsewhere"
    state.mkdir()
    (state / f"{NAME}.part").symlink_to(elsewhere)
    KeyFile(state).signers()
    assert not elsewhere.exists()
