import socket
from pathlib import Path

import pytest

from anoncam.clock import Stop
from anoncam.config import outlets
from anoncam.config.folders import Folders
from anoncam.config.schema import Config
from anoncam.errors import NotRunningError
from anoncam.mqtt.bridge import Bridge
from tests.support.frames import FakeClock


def bridge(folder: Path, **mqtt: object) -> Bridge:
    outlets.publish(Config.model_validate({"mqtt": mqtt}), Folders(folder, folder))
    return Bridge(folder, None, FakeClock(), Stop(), {})


@pytest.mark.parametrize(
    ("folder", "given", "name"),
    [
        ("anoncam", None, socket.gethostname()),
        ("anoncam@door", None, f"{socket.gethostname()} door"),
        ("anoncam@door", "Front door", "Front door"),
    ],
)
def test_a_camera_is_called_after_its_machine_and_its_own_name(
    tmp_path: Path, folder: str, given: str | None, name: str
) -> None:
    settings = bridge(tmp_path / folder, name=given)._settings()
    assert settings is not None
    assert settings.name == name


def test_only_another_place_is_one_where_what_was_told_is_removed(tmp_path: Path) -> None:
    first = bridge(tmp_path, host="broker", name="garden")._settings()
    same = bridge(tmp_path, host="broker", name="garden", snapshots=60)._settings()
    other = bridge(tmp_path, host="broker", name="door")._settings()
    assert first is not None
    assert same is not None
    assert other is not None
    assert first.place == same.place != other.place


def test_without_a_broker_nothing_can_be_removed(tmp_path: Path) -> None:
    with pytest.raises(NotRunningError, match=r"mqtt\.host"):
        bridge(tmp_path).remove()
