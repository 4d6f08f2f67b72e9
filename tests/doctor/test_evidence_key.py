import os
from pathlib import Path

import pytest

from anoncam.config.folders import Folders
from anoncam.config.schema import Config
from anoncam.doctor.check import Finding, Installation, Verdict
from anoncam.doctor.evidence_key import check
from anoncam.evidence.key_file import NAME, KeyFile


def found(state: Path) -> list[Finding]:
    return list(check(Installation(Config(), Folders(state, state))))


def test_the_fingerprint_is_reported(tmp_path: Path) -> None:
    (before,) = found(tmp_path)
    assert before.verdict is Verdict.NOTE
    fingerprint = KeyFile(tmp_path).signers().key.fingerprint
    (after,) = found(tmp_path)
    assert (after.verdict, fingerprint in after.what) == (Verdict.OK, True)


def test_a_key_that_others_can_read_is_a_problem_with_a_remedy(tmp_path: Path) -> None:
    KeyFile(tmp_path).signers()
    (tmp_path / NAME).chmod(0o640)
    *_, finding = found(tmp_path)
    assert finding.verdict is Verdict.PROBLEM
    assert "rotate --revoke" in finding.remedy
    assert finding.what == "others may read the key"


@pytest.mark.parametrize("content", [b"", b"damaged"])
def test_a_key_that_the_daemon_cannot_use_is_a_problem_and_not_well(
    tmp_path: Path, content: bytes
) -> None:
    KeyFile(tmp_path).signers()
    (tmp_path / NAME).write_bytes(content)
    (finding,) = found(tmp_path)
    assert finding.verdict is Verdict.PROBLEM
    assert finding.what == "no evidence is recorded: its key cannot be used"
    assert "it is no key in PEM" in finding.cause


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives a file to another user")
def test_a_key_that_belongs_to_another_user_than_its_folder_is_a_problem(tmp_path: Path) -> None:
    KeyFile(tmp_path).signers()
    os.chown(tmp_path, 65534, 65534)
    (finding,) = found(tmp_path)
    assert finding.verdict is Verdict.PROBLEM
    assert finding.remedy == f"chown --reference {tmp_path} {tmp_path / NAME}"
