import socket
from pathlib import Path

from anoncam.service.notify import notify


def test_the_service_manager_gets_a_fact_a_line(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        notify({"NOTIFY_SOCKET": str(tmp_path / "notify")}, READY=1, STATUS="recording")
        assert manager.recv(4096) == b"READY=1\nSTATUS=recording"


def test_a_value_with_line_feeds_is_no_other_fact(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        notify({"NOTIFY_SOCKET": str(tmp_path / "notify")}, STATUS="x\nWATCHDOG=trigger\x1b\udcff")
        assert manager.recv(4096) == rb"STATUS=x\nWATCHDOG=trigger\x1b\udcff"


def test_an_abstract_address_is_understood(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{tmp_path}")
        notify({"NOTIFY_SOCKET": f"@{tmp_path}"}, WATCHDOG=1)
        assert manager.recv(4096) == b"WATCHDOG=1"


def test_a_missing_manager_does_no_harm(tmp_path: Path) -> None:
    notify({}, READY=1)
    notify({"NOTIFY_SOCKET": str(tmp_path / "none")}, READY=1)
