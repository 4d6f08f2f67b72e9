"""The password of a camera comes from a file, reaches the camera, and nothing else."""

import os
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import SourceSettings
from anoncam.errors import CameraError
from anoncam.events.redaction import redact
from anoncam.sources.camera_login import address_with_login, problem_of, read_password
from anoncam.sources.open_source import open_source
from tests.support.rtsp_server import RtspCamera

PASSWORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1)


@pytest.fixture
def password_file(tmp_path: Path) -> Callable[[str], Path]:
    def make(content: str, mode: int = 0o600) -> Path:
        path = tmp_path / "password"
        path.write_text(content)
        path.chmod(mode)
        return path

    return make


def settings(
    path: object, address: str = "rtsp://camera:554/live", user: str = "u"
) -> SourceSettings:
    return SourceSettings(type="rtsp", address=address, user=user, password_file=str(path))


@given(user=PASSWORDS, password=PASSWORDS)
def test_libav_and_our_own_dialogue_read_name_and_password_as_they_were_written(
    user: str, password: str
) -> None:
    descriptor = os.memfd_create("password")
    try:
        os.write(descriptor, f"{password}\n".encode())
        os.fchmod(descriptor, 0o600)
        address = address_with_login(settings(f"/proc/self/fd/{descriptor}", user=user), {})
    finally:
        os.close(descriptor)
    parts = urlsplit(address)
    assert (parts.hostname, parts.port, parts.path) == ("camera", 554, "/live")
    assert unquote(parts.username or "") == user
    assert unquote(parts.password or "") == password
    assert redact(address).endswith(":***@camera:554/live")


def test_without_a_user_the_address_stays_as_it_is() -> None:
    given = SourceSettings(type="rtsp", address="rtsp://a:b@camera/live")
    assert address_with_login(given, {}) == "rtsp://a:b@camera/live"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o777])
def test_a_password_that_others_can_read_is_not_used(
    password_file: Callable[..., Path], mode: int
) -> None:
    path = password_file("hunter2", mode)
    with pytest.raises(CameraError, match="others may use") as caught:
        address_with_login(settings(path), {})
    assert "hunter2" not in str(caught.value)
    assert "chmod 600" in problem_of(str(path), {})


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "\0", "x" * 5000])
def test_a_file_that_holds_no_password_is_refused(
    password_file: Callable[..., Path], content: str
) -> None:
    path = password_file(content)
    assert "must hold the password alone" in problem_of(str(path), {})


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert problem_of(str(tmp_path / "fifo"), {}) == f"{tmp_path}/fifo is no file"
    assert problem_of(str(tmp_path), {}) != ""
    assert "No such file" in problem_of(str(tmp_path / "missing"), {})


def test_a_plain_name_is_a_credential_of_systemd(
    tmp_path: Path, password_file: Callable[..., Path]
) -> None:
    path = password_file("hunter2", 0o440)
    environment = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert read_password(path.name, environment) == "hunter2"
    for elsewhere in ({}, {"CREDENTIALS_DIRECTORY": "/nowhere"}):
        with pytest.raises(CameraError, match="/etc/credstore/password"):
            read_password(path.name, elsewhere)
        assert problem_of(path.name, elsewhere) == "", "only the service can know"


@pytest.mark.integration
@pytest.mark.parametrize("digest", [False, True])
def test_a_corrected_password_opens_the_stream_at_the_next_attempt(
    password_file: Callable[..., Path], digest: bool
) -> None:
    right = "p@ss:w%r/d?#&"
    with RtspCamera(user="Jörg", password=right, digest=digest) as camera:
        wanted = settings(password_file("wrong"), camera.address, "Jörg")
        with pytest.raises(CameraError, match="refuses the user name") as caught:
            open_source(wanted, Stop(), SystemClock())
        assert "wrong" not in str(caught.value).replace("wrong password", "")
        password_file(right + "\n")
        with open_source(wanted, Stop(), SystemClock()) as source:
            assert source.read() is not None
            assert right not in source.description
