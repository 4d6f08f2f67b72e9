"""`anoncam verify` on what the real daemon leaves: after stops, kills and retention."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from anoncam.evidence.records import parse
from tests.support.daemons import Start, recorded
from tests.support.running import RunningDaemon, anoncam

pytestmark = pytest.mark.integration

CONFIG = "source: {type: synthetic, width: 320, height: 240}\nrecording: {segment_length: 1}\n"


def verified(running: RunningDaemon, *options: str) -> tuple[int, dict[str, Any]]:
    ended = anoncam(
        "verify", "--json", *options, environment={"STATE_DIRECTORY": str(running.state)}
    )
    assert ended.stderr == ""
    return ended.returncode, json.loads(ended.stdout)


def states(result: dict[str, Any]) -> list[str]:
    return [each["state"] for each in result["segments"]]


def test_kept_and_deleted_segments_are_verified_and_tampering_is_found(
    daemon: Start,
) -> None:
    running = daemon(
        CONFIG.replace(
            "segment_length: 1", "segment_length: 1, bitrate: 800, retention: {max_size: 110kB}"
        )
    )
    running.wait_for("retention-deleted", 2)
    meanwhile, _ = verified(running)
    assert meanwhile == 0, "a daemon that goes on recording disturbs nothing"
    assert running.stop() == 0

    code, result = verified(running)
    assert code == 0
    assert set(states(result)) == {"kept", "deleted by retention"}
    assert result["problems"] == []
    detector = json.loads(running.recordings()[0].with_suffix(".json").read_text())["provenance"][
        0
    ]["detector"]
    assert len(detector["sha256"]) == 64

    first = running.recordings()[0]
    content = bytearray(first.read_bytes())
    content[len(content) // 2] ^= 1
    first.write_bytes(content)
    code, result = verified(running, "--quick")
    assert code == 10
    assert states(result).count("altered") == 1

    first.unlink()
    people = anoncam("verify", running.state / "recordings")
    assert people.returncode == 10
    assert f"MISSING              {first.name}" in people.stdout
    assert "deleted by retention" in people.stdout


def test_after_a_kill_the_salvaged_segment_is_recorded_as_such_and_the_chain_goes_on(
    daemon: Start,
) -> None:
    running = daemon(CONFIG.replace("segment_length: 1", "segment_length: 60"))
    running.wait_until(recorded(75))
    running.stop(signal.SIGKILL)
    again = daemon(CONFIG)
    again.wait_for("segment-salvaged")
    again.wait_for("segment-finished")
    assert again.stop() == 0

    code, result = verified(again)
    assert (code, result["problems"]) == (0, [])
    assert set(states(result)) == {"kept"}
    salvaged = parse(again.recordings()[0].with_suffix(".json").read_bytes())
    assert salvaged is not None
    assert salvaged["kind"] == "salvaged"
    assert "is not known" in salvaged["remark"]
    assert parse(again.recordings()[1].with_suffix(".json").read_bytes())["kind"] == "finished"  # type: ignore[index]


def test_the_event_log_holds_the_heads_of_the_chain(daemon: Start) -> None:
    running = daemon(CONFIG)
    running.wait_for("segment-finished", 2)
    running.stop()
    lines = anoncam(
        "events", "--json", environment={"STATE_DIRECTORY": str(running.state)}
    ).stdout.splitlines()
    finished = [
        entry["fields"] for entry in map(json.loads, lines) if entry["event"] == "segment-finished"
    ]
    for fields in finished:
        record = parse(
            (running.state / "recordings" / fields["name"]).with_suffix(".json").read_bytes()
        )
        assert record is not None
        assert fields["chain"] == record["hash"]
    _, result = verified(running, "--quick")
    assert result["chain"]["head"] == finished[-1]["chain"]


def test_a_segment_without_evidence_has_an_exit_code_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "000000001_20260714T091500Z.mp4").write_bytes(b"somebody put it here")
    ended = anoncam("verify", "--quick", tmp_path)
    assert ended.returncode == 12
    assert (
        "WITHOUT EVIDENCE     000000001_20260714T091500Z.mp4: there is no record of it"
        in ended.stdout
    )


def test_a_folder_without_recordings_ends_with_one_line(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        ended = anoncam("verify", folder)
        assert ended.returncode == 3
        assert len(ended.stderr.splitlines()) == 1
        assert str(folder) in ended.stderr
