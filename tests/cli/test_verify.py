"""`anoncam verify` on what the real daemon leaves: after stops, kills and retention."""

import json
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from anoncam.evidence.records import parse
from tests.support.running import RunningDaemon, anoncam

pytestmark = pytest.mark.integration

CONFIG = "source: {type: synthetic, width: 320, height: 240}\nrecording: {segment_length: 1}\n"


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Callable[..., RunningDaemon]]:
    running: list[RunningDaemon] = []

    def start(config: str = CONFIG) -> RunningDaemon:
        running.append(RunningDaemon(tmp_path, config))
        return running[-1]

    yield start
    for each in running:
        each.kill()


def verified(running: RunningDaemon, *options: str) -> tuple[int, dict[str, Any]]:
    ended = anoncam(
        "verify", "--json", *options, environment={"STATE_DIRECTORY": str(running.state)}
    )
    assert ended.stderr == ""
    return ended.returncode, json.loads(ended.stdout)


def states(result: dict[str, Any]) -> list[str]:
    return [each["state"] for each in result["segments"]]


def test_what_the_daemon_has_recorded_and_deleted_is_verified_and_tampering_is_told(
    daemon: Callable[..., RunningDaemon],
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
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = daemon(CONFIG.replace("segment_length: 1", "segment_length: 60"))
    running.wait_until(lambda status: status["counts"]["recorded"] >= 75)
    running.stop(signal.SIGKILL)
    again = daemon()
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


def test_the_event_log_holds_the_heads_of_the_chain(daemon: Callable[..., RunningDaemon]) -> None:
    running = daemon()
    running.wait_for("segment-finished", 2)
    running.stop()
    told = anoncam(
        "events", "--json", environment={"STATE_DIRECTORY": str(running.state)}
    ).stdout.splitlines()
    finished = [
        entry["fields"] for entry in map(json.loads, told) if entry["event"] == "segment-finished"
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


def test_where_there_is_nothing_to_verify_one_line_says_so(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        ended = anoncam("verify", folder)
        assert ended.returncode == 3
        assert len(ended.stderr.splitlines()) == 1
        assert str(folder) in ended.stderr
