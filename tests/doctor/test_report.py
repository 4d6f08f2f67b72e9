"""The report for a bug holds nothing that names somebody."""

import json
from pathlib import Path

import pytest

from anoncam.config.folders import Folders
from anoncam.config.schema import Config, SourceSettings
from anoncam.doctor import report
from anoncam.doctor.check import Installation, Machine, problem
from anoncam.doctor.report import EVENTS, scrub

SECRETS = (
    "hunter2",
    "cam.example.org",
    "10.0.0.7",
    "fe80::1ff:fe23:4567:890a",
    "b8:27:eb:12:34:56",
    "anna",
    "anna@example.org",
    "garden-3",
    "10000000abcdef01",
)
TEXT = (
    "cannot open rtsp://admin:hunter2@cam.example.org/live?token=hunter2 at 10.0.0.7 or"
    " fe80::1ff:fe23:4567:890a (b8:27:eb:12:34:56) for /home/anna/film.mp4, ask anna@example.org"
    " or anna on garden-3; Serial: 10000000abcdef01, password=hunter2"
)


def test_secrets_addresses_homes_and_names_are_left_out() -> None:
    scrubbed = scrub(TEXT, ("garden-3", "anna"))
    assert [secret for secret in SECRETS if secret in scrubbed] == []
    assert scrubbed.startswith("cannot open rtsp://… at … or")


@pytest.mark.parametrize("address", ["fd00::8", "[fd00::8]:554", "fe80::1%eth0", "2001:db8::a:1"])
def test_an_address_is_left_out_however_short_it_is_written(address: str) -> None:
    scrubbed = scrub(f"the camera at {address}: no answer")
    assert "::" not in scrubbed
    assert scrubbed.startswith("the camera at ")
    assert scrubbed.endswith(": no answer")


@pytest.mark.parametrize(
    "text",
    [
        "std::bad_alloc in tests/test_report.py::test_it",
        "2026-11-23 04:03:09+01:00 recording 1280x720 at 29.97 fps",
        "at USB, ready (18d1:9302), 16.0TF2.17.1-1, /dev/bus/usb/002/003",
        "garden-30 is another word, and so is hannah",
        "/etc/anoncam/config.yaml:71: detector.rate: is 400",
    ],
)
def test_what_a_bug_needs_stays(text: str) -> None:
    assert scrub(text, ("garden-3", "anna")) == text


def test_no_line_of_a_report_holds_what_findings_and_events_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "own_names", lambda: ("garden-3", "anna"))
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/os-release").write_text('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\n')
    entry = {"event": "source-lost", "at": "2026-11-23T03:03:09Z", "level": "error"}
    log = [json.dumps({**entry, "message": f"{number} {TEXT}"}) for number in range(60)]
    (tmp_path / "events.jsonl").write_text("\n".join(log))
    address = "rtsp://admin:hunter2@10.0.0.7/live"
    config = Config(source=SourceSettings(type="rtsp", address=address))
    installation = Installation(config, Folders(tmp_path, tmp_path), {}, Machine(tmp_path))
    findings = [problem("camera", TEXT, TEXT, TEXT)]
    text = "\n".join(report.lines(installation, findings, ("anoncam 1, commit 0123456789ab",)))
    assert [secret for secret in SECRETS if secret in text] == []
    assert "Debian GNU/Linux 13 (trixie)" in text
    assert "source.address, source.type" in text or "source.type, source.address" in text
    assert text.count("source-lost") == EVENTS
    assert "59 cannot open" in text
