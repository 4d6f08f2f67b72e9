import stat
from pathlib import Path

import pytest

from anoncam.evidence.key_file import NAME, KeyFile
from anoncam.evidence.signing_key import SigningKey
from tests.support.daemons import Start
from tests.support.evidence_folder import record
from tests.support.running import anoncam
from tests.support.time_stamping import time_stamping

pytestmark = pytest.mark.integration

CONFIG = "source: {type: synthetic, width: 320, height: 240}\nrecording: {segment_length: 1}\n"


def test_a_daemon_signs_from_its_first_start_and_takes_over_a_new_key(daemon: Start) -> None:
    running = daemon(CONFIG)
    running.wait_for("segment-finished")
    environment = {"STATE_DIRECTORY": str(running.state)}
    (started,) = running.of("evidence-key")
    first = anoncam("evidence", "key", environment=environment).stdout.strip()
    assert started == f"the evidence is signed with the key {first}"
    assert stat.S_IMODE((running.state / NAME).stat().st_mode) == 0o600
    sheet = anoncam("evidence", "sheet", environment=environment).stdout
    assert " ".join(first[at : at + 4] for at in range(0, 32, 4)) in sheet
    assert f"anoncam verify --key {first} FOLDER" in sheet

    revoked = anoncam("evidence", "rotate", "--revoke", "a test", environment=environment)
    second = revoked.stdout.strip()
    assert second != first
    running.wait_for("segment-finished", len(running.of("segment-finished")) + 2)
    assert running.stop() == 0
    for fingerprint, code in ((second, 0), (first, 10), (SigningKey.make().fingerprint, 10)):
        ended = anoncam("verify", "--quick", "--key", fingerprint, environment=environment)
        assert ended.returncode == code, ended.stdout
    assert f"key       {second}; revoked: {first}" in ended.stdout
    events = running.state / "events.jsonl"
    ended = anoncam("verify", "--quick", "--anchor", events, environment=environment)
    assert ended.returncode == 0
    assert "anchors are in the chain" in ended.stdout


def test_without_a_key_there_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    ended = anoncam("evidence", "sheet", environment={"STATE_DIRECTORY": str(tmp_path)})
    assert ended.returncode == 3
    assert len(ended.stderr.splitlines()) == 1
    assert "start the daemon once" in ended.stderr


def test_a_time_stamp_is_made_and_verified(tmp_path: Path) -> None:
    folder, stamps = tmp_path / "recordings", tmp_path / "stamps.jsonl"
    record(folder, 2, KeyFile(tmp_path / "state"))
    with time_stamping(tmp_path / "service") as service:
        made = anoncam("evidence", "timestamp", "--url", service.url, "--folder", folder, stamps)
        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith("record 4 is stamped")
        checked = ("verify", "--quick", "--anchor", stamps, folder)
        assert "is not checked" in anoncam(*checked).stdout
        assert "1 anchor is in" in anoncam(*checked, "--authority", service.authority).stdout
    refused = anoncam("evidence", "timestamp", "--url", "file:///etc/passwd", stamps)
    assert refused.returncode == 2
