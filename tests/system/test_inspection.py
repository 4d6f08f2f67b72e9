"""The camera as it is seen from another computer: its journal, its own log, its picture."""

import json
import re
from pathlib import Path

import pytest

from anoncam.events.event import Event, message_id
from tests.system.camera import Camera
from tests.system.comparing import Box, Plane, compare

pytestmark = pytest.mark.timeout(600)


def test_the_journal_has_every_event_with_its_id_and_its_fields(camera: Camera) -> None:
    camera.restart()
    entries = camera.container.journal("-u", "anoncam", "_TRANSPORT=journal")
    events = [entry for entry in entries if "ANONCAM_EVENT" in entry]
    assert {"started", "source-chosen", "detector-up", "encoder-chosen"} <= {
        entry["ANONCAM_EVENT"] for entry in events
    }
    for entry in events:
        assert entry["MESSAGE_ID"] == message_id(Event(entry["ANONCAM_EVENT"]))
        assert entry["MESSAGE"].startswith(f"{entry['ANONCAM_EVENT']}: ")
    chosen = [entry for entry in events if entry["ANONCAM_EVENT"] == "source-chosen"][-1]
    assert chosen["ANONCAM_SOURCE"] == "/srv/footage/face.mp4"
    up = [entry for entry in events if entry["ANONCAM_EVENT"] == "detector-up"][-1]
    assert (up["ANONCAM_DEVICE"], len(up["ANONCAM_SHA256"])) == ("cpu", 64)


def test_journalctl_explains_an_event_and_what_to_do(camera: Camera) -> None:
    camera.restart()
    printed = camera.run(
        "journalctl", "--catalog", "--no-pager", "-u", "anoncam", "ANONCAM_EVENT=detector-up", "-n1"
    )
    assert "the detector is ready (detector-up)" in printed
    assert re.search(r"The model is .+ on cpu with ai-edge-litert", printed.replace("\n░░ ", " "))
    assert "Nothing to do" in printed


def test_the_log_of_the_daemon_has_the_same_events_without_the_journal(camera: Camera) -> None:
    mark = camera.now()
    camera.restart()
    in_journal = [
        entry["MESSAGE"] for event in ("stopped", "started") for entry in camera.of(event, mark)
    ]
    assert len(in_journal) == 2
    kept = [
        f"{entry['event']}: {entry['message']}"
        for entry in camera.events()
        if entry["event"] in {"started", "stopped"}
    ]
    assert kept[-2:] == in_journal
    assert "started: " in camera.run("anoncam", "events", "--since", "1h")


def test_a_collector_can_ask_for_events_by_our_fields(camera: Camera) -> None:
    camera.run("systemctl", "start", "systemd-journal-gatewayd.socket")
    address = "http://localhost:19531/entries?ANONCAM_EVENT=source-chosen"
    printed = camera.run("curl", "--silent", "--fail", "-H", "Accept: application/json", address)
    entries = [json.loads(line) for line in printed.splitlines() if line]
    assert entries
    assert {entry["ANONCAM_SOURCE"] for entry in entries} >= {"/srv/footage/face.mp4"}
    camera.run(
        "systemctl", "stop", "systemd-journal-gatewayd.socket", "systemd-journal-gatewayd.service"
    )


def test_a_camera_can_send_its_events_to_a_collector(camera: Camera) -> None:
    """Plain HTTP within the machine, where the documentation says TLS or VPN."""
    files = camera.container.path
    command = (
        "/lib/systemd/systemd-journal-remote --listen-http=-3 --output=/var/log/journal/remote/"
    )
    folder = files("/run/systemd/system/systemd-journal-remote.service.d")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plain.conf").write_text(f"[Service]\nExecStart=\nExecStart={command}\n")
    files("/etc/systemd/journal-upload.conf").write_text("[Upload]\nURL=http://localhost:19532\n")
    camera.run("install", "-d", "-o", "systemd-journal-remote", "/var/log/journal/remote")
    camera.run("systemctl", "daemon-reload")
    camera.run(
        "systemctl", "start", "systemd-journal-remote.socket", "systemd-journal-upload.service"
    )
    collected = ["journalctl", "--directory=/var/log/journal/remote", "--output=json", "--no-pager"]
    wanted = [*collected, "ANONCAM_EVENT=started"]
    camera.wait(lambda: camera.try_to(*wanted).stdout, "the events at the collector")
    entry = json.loads(camera.run(*wanted).splitlines()[-1])
    assert entry["MESSAGE_ID"] == message_id(Event.STARTED)
    assert entry["ANONCAM_VERSION"]
    camera.run(
        "systemctl",
        "stop",
        "systemd-journal-upload.service",
        "systemd-journal-remote.service",
        "systemd-journal-remote.socket",
    )


def test_a_snapshot_shows_the_scene_and_no_face(
    camera: Camera, clear: list[Plane], faces: list[list[Box]], tmp_path: Path
) -> None:
    # A busy machine veils now and then, and a veiled snapshot shows no scene.
    camera.wait_for_status(
        lambda status: status["counts"]["recorded"] > 30 and not status["counts"]["veil"]
    )
    camera.run("anoncam", "snapshot", "--force", "-o", "/root/now.jpg")
    compared = compare([camera.container.path("/root/now.jpg")], clear, faces)
    assert (compared.frames, compared.sharp, compared.shown) == (1, 1, ())


def test_status_is_for_members_of_the_group_and_for_nobody_else(camera: Camera) -> None:
    camera.run("useradd", "--groups", "anoncam", "guard")
    camera.run("useradd", "passer-by")
    assert camera.try_to("runuser", "-u", "guard", "--", "anoncam", "status").returncode == 0
    refused = camera.try_to("runuser", "-u", "passer-by", "--", "anoncam", "status")
    assert refused.returncode not in {0, 1}
    assert "Traceback" not in refused.stderr


def test_doctor_finds_what_is_there_and_names_what_is_not(camera: Camera) -> None:
    seen = json.loads(camera.try_to("anoncam", "doctor", "--json").stdout)
    verdicts = {(finding["check"], finding["verdict"]) for finding in seen["findings"]}
    assert {
        ("config", "ok"),
        ("camera", "ok"),
        ("detector", "ok"),
        ("encoder", "ok"),
        ("disk", "ok"),
    } <= verdicts
    for finding in seen["findings"]:
        assert finding["verdict"] != "problem" or (finding["cause"] and finding["remedy"])
    problems = {finding["check"] for finding in seen["findings"] if finding["verdict"] == "problem"}
    # A container has neither a time server nor the right to lock much memory.
    assert problems <= {"clock", "memory"}
