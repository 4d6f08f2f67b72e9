from pathlib import Path

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
