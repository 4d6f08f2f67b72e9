"""What another user of the machine can see of the service, and do to it."""

import json

import pytest

from tests.support.checkout import ROOT
from tests.system.camera import CONFIG, HELPERS, PYTHON, Camera

pytestmark = pytest.mark.timeout(600)

OF_THE_GROUP = {
    "read a recording",
    "read the evidence",
    "read the event log",
    "read the status",
    "read the configuration",
    "read the fingerprint of the key",
    "connect to the socket of the group",
}

PASSWORD = "Zq7@v%X:w"  # noqa: S105 - a password for tests


@pytest.fixture(scope="session")
def users(installed: Camera) -> Camera:
    """The camera on a machine with a stranger, and with a viewer in the group of the service."""
    installed.run("useradd", "--create-home", "stranger")
    installed.run("useradd", "--create-home", "--groups=anoncam", "viewer")
    credential = installed.container.path("/etc/credstore/camera-password")
    credential.parent.mkdir(mode=0o700, exist_ok=True)
    credential.touch(0o600)
    credential.write_text(f"{PASSWORD}\n")
    return installed


def tried(camera: Camera, user: str) -> dict[str, str]:
    """What came of each attempt of a user."""
    command = ("runuser", "-u", user, "--", PYTHON, "-I", f"{HELPERS}/snoop.py")
    outcome: dict[str, str] = json.loads(camera.run(*command, camera.property("MainPID")))
    return outcome


def done(camera: Camera, user: str) -> set[str]:
    return {deed for deed, outcome in tried(camera, user).items() if outcome == "done"}


def test_a_stranger_sees_and_changes_nothing_and_the_group_only_looks(
    users: Camera, camera: Camera
) -> None:
    camera.run("systemctl", "restart", "anoncam")
    camera.more_segments(1)
    assert done(camera, "stranger") == set()
    assert done(camera, "viewer") == OF_THE_GROUP


def test_whoever_asks_without_end_costs_neither_a_frame_nor_the_journal(
    users: Camera, camera: Camera
) -> None:
    mark, before = camera.now(), camera.status()["counts"]
    loop = "for i in $(seq 40); do anoncam snapshot -o /dev/null & anoncam status >/dev/null; done"
    camera.try_to("runuser", "-u", "viewer", "--", "sh", "-c", f"{loop}; wait")
    camera.try_to("runuser", "-u", "stranger", "--", "sh", "-c", f"{loop}; wait")
    camera.more_segments(1)
    assert camera.status()["counts"]["recorded"] > before["recorded"]
    for event in ("recording-gap", "stage-frozen", "source-lost", "previous-run-crashed"):
        assert camera.of(event, mark) == []
    said = [
        entry
        for entry in camera.container.journal("-u", "anoncam")
        if int(entry["__REALTIME_TIMESTAMP"]) > mark
        and entry.get("ANONCAM_EVENT") not in {"segment-finished", "retention-deleted"}
    ]
    assert len(said) < 10


def test_a_network_camera_is_reached_with_a_credential_and_one_command(
    users: Camera, camera: Camera
) -> None:
    for name in ("rtsp_server.py", "clips.py"):
        place = f"tests/support/{name}"
        camera.give(ROOT / place, f"{HELPERS}/{place}")
    served = ("--unit=locked-camera", "--collect", f"--setenv=CAMERA_PASSWORD={PASSWORD}")
    camera.run("systemd-run", *served, PYTHON, f"{HELPERS}/network_camera.py")
    source = {
        "type": "rtsp",
        "address": "rtsp://127.0.0.1:8554/stream",
        "user": "admin",
        "password_file": "camera-password",
    }
    mark = camera.now()
    camera.configure(json.dumps({"source": source, "recording": {"segment_length": 4}}))
    camera.run("systemctl", "restart", "anoncam")
    refused = camera.wait_for("camera-waiting", mark)["MESSAGE"]
    assert "this service may not reach the camera" in refused
    assert "anoncam service allow" in refused
    try:
        camera.run("anoncam", "service", "allow", "127.0.0.1")
        camera.restart()
        camera.more_segments(1)
        assert PASSWORD not in camera.run("journalctl", "--no-pager", "--output=json")
        assert PASSWORD not in camera.run("ps", "axww", "-o", "args")
        assert done(camera, "viewer") == OF_THE_GROUP
    finally:
        camera.run("rm", "-r", "/etc/systemd/system/anoncam.service.d")
        camera.run("systemctl", "daemon-reload")
        camera.run("systemctl", "stop", "anoncam", "locked-camera")
        camera.configure(CONFIG)


def test_a_key_that_systemd_has_sealed_signs_the_evidence(users: Camera, camera: Camera) -> None:
    sealed = "/etc/credstore.encrypted/evidence-key"
    make = "openssl genpkey -algorithm ed25519 | systemd-creds encrypt --name=evidence-key"
    camera.run("mkdir", "-p", "/etc/credstore.encrypted")
    camera.run("sh", "-c", f"{make} --with-key=host - {sealed}")
    mark = camera.now()
    before = camera.container.path("/var/lib/anoncam/evidence-key.pub").read_text().strip()
    with camera.drop_in("LoadCredentialEncrypted=evidence-key"):
        camera.restart()
        key = camera.wait_for("evidence-key", mark)["ANONCAM_KEY"]
        camera.more_segments(1)
        last = camera.container.path("/var/lib/anoncam/recordings/evidence.jsonl").read_text()
        assert json.loads(last.splitlines()[-1])["key"] == key != before
    camera.run("rm", sealed)
