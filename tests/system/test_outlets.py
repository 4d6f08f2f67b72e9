"""The web page and the metrics as systemd runs them, beside the daemon and walled off from it."""

import json
from functools import partial

import pytest

from tests.system.camera import Camera

pytestmark = pytest.mark.timeout(600)

PASSWORD = "long enough for all"  # noqa: S105 - of a test

OUTLETS = ("anoncam-web", "anoncam-metrics")


@pytest.fixture
def page(camera: Camera) -> Camera:
    """The camera with page and metrics, open to the network."""
    setup = "echo 'long enough for all' | anoncam web password && anoncam web certificate"
    camera.run("sh", "-c", setup)
    camera.run("systemctl", "restart", *OUTLETS)
    for port in (8443, 9745):
        camera.wait(partial(answers, camera, port), f"port {port}")
    return camera


def answers(camera: Camera, port: int) -> bool:
    return camera.try_to("curl", "-ks", f"https://localhost:{port}/login.html").returncode == 0 or (
        camera.try_to("curl", "-s", f"http://localhost:{port}/metrics").returncode == 0
    )


def log_in(page: Camera) -> None:
    sent = ("-H", "Origin: https://localhost:8443", "-d", json.dumps({"password": PASSWORD}))
    page.run("curl", "-ksfc", "/root/jar", *sent, "https://localhost:8443/login")


def asked(page: Camera, path: str) -> str:
    return page.try_to("curl", "-ksb", "/root/jar", f"https://localhost:8443{path}").stdout


def test_the_page_shows_the_recordings_of_the_daemon_to_who_logs_in(page: Camera) -> None:
    page.more_segments(1)
    log_in(page)
    page.wait(lambda: '"state": "recording"' in asked(page, "/api/health"), "a status")
    (day,) = json.loads(asked(page, "/api/days"))[:1]
    newest = json.loads(asked(page, f"/api/days/{day}"))[0]
    verified = asked(page, f"/api/recordings/{newest['name']}/verify")
    assert json.loads(verified) == {"state": "kept"}


def test_the_page_shows_what_doctor_finds_while_the_daemon_records(page: Camera) -> None:
    assert page.run("systemctl", "is-active", "anoncam-doctor.timer").strip() == "active"
    page.run("systemctl", "start", "anoncam-doctor.service")
    log_in(page)
    page.wait(lambda: '"findings"' in asked(page, "/api/health"), "findings")
    found = json.loads(asked(page, "/api/health"))["doctor"]["findings"]
    told = {each["check"]: each["what"] for each in found}
    assert told["config"] == "/etc/anoncam/config.yaml"
    assert told["camera"] == "the daemon records from it: /srv/footage/face.mp4"
    assert not [each for each in found if each["what"] == "cannot be checked"]
    page.run(
        "systemd-analyze", "security", "--threshold=20", "--no-pager", "anoncam-doctor.service"
    )


def test_the_metrics_are_those_of_the_daemon(page: Camera) -> None:
    def metrics() -> str:
        return page.try_to("curl", "-s", "http://localhost:9745/metrics").stdout

    page.wait(lambda: "anoncam_recording 1.0" in metrics(), "metrics")
    # Tests before this one may have exchanged the key.
    broken = page.try_to("anoncam", "verify", "--quick").returncode == 10
    assert f"anoncam_evidence_chain_broken {float(broken)}" in metrics()


@pytest.mark.parametrize("outlet", OUTLETS)
def test_an_outlet_is_another_user_without_camera_and_configuration(
    page: Camera, outlet: str
) -> None:
    main = page.run("systemctl", "show", outlet, "--value", "--property=MainPID").strip()
    assert page.run("ps", "-o", "user:20=", "-p", main).strip() == "anoncam-net"
    page.run("systemd-analyze", "security", "--threshold=15", "--no-pager", f"{outlet}.service")
    inside = ("nsenter", "--target", main, "--mount", "--")
    for path in ("/etc/anoncam/config.yaml", "/dev/video0", "/dev/bus/usb"):
        assert page.try_to(*inside, "cat", path).returncode != 0, path


def test_outlets_that_are_killed_cost_the_recording_nothing_and_come_back(page: Camera) -> None:
    before = page.status()["counts"]
    page.run("systemctl", "kill", "--signal=KILL", *OUTLETS)
    page.wait(lambda: answers(page, 8443) and answers(page, 9745), "both")
    after = page.wait_for_status(
        lambda status: status["counts"]["recorded"] > before["recorded"] + 15
    )["counts"]
    assert after["dropped"] == before["dropped"]
