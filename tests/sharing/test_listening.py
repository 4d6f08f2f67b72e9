import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.errors import ConfigError, StorageError
from anoncam.sharing.listening import listening_socket


def test_a_socket_of_its_own_is_for_its_user_alone_and_replaces_one_that_was_left(
    tmp_path: Path,
) -> None:
    path = tmp_path / "socket"
    for _ in range(2):
        with listening_socket({}, path) as listener:
            assert listener.type == socket.SOCK_SEQPACKET
            assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_socket_of_systemd_one_must_be_named() -> None:
    with pytest.raises(ConfigError, match=r"give one with --socket PATH"):
        listening_socket({"LISTEN_PID": "1", "LISTEN_FDS": "1"}, None)


@pytest.mark.parametrize("name", ["clip.mp4", "link.mp4"])
def test_a_file_in_its_place_is_told_and_stays(tmp_path: Path, name: str) -> None:
    (tmp_path / "clip.mp4").write_bytes(b"a clip")
    (tmp_path / "link.mp4").symlink_to("clip.mp4")

    with pytest.raises(StorageError, match=r"cannot be made: Address already in use"):
        listening_socket({}, tmp_path / name)

    assert (tmp_path / name).read_bytes() == b"a clip"


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"cannot be made: No such file"):
        listening_socket({}, tmp_path / "nowhere" / "socket")


@pytest.mark.integration
def test_the_socket_that_systemd_passes_is_used(tmp_path: Path) -> None:
    path = tmp_path / "socket"
    program = (
        "import os; from anoncam.sharing.listening import listening_socket as listen;"
        "given = {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'};"
        "print(listen(given, None).getsockname())"
    )
    with listening_socket({}, path) as listener:
        ended = subprocess.run(
            [sys.executable, "-c", program],
            preexec_fn=lambda: os.dup2(listener.fileno(), 3),
            pass_fds=(3,),
            capture_output=True,
            text=True,
            check=True,
        )
    assert ended.stdout.strip() == str(path)
