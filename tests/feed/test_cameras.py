from pathlib import Path

import pytest

from anoncam.feed.cameras import enabled_cameras, find_cameras
from anoncam.feed.protocol import NAME
from tests.support.enabled_units import enable


def daemon(folder: Path) -> Path:
    folder.mkdir()
    (folder / NAME).touch()
    return folder


def test_cameras_are_found_beside_the_only_one_and_without_it(tmp_path: Path) -> None:
    first = tmp_path / "anoncam"
    assert find_cameras(first) == {}
    door, gate = (daemon(tmp_path / f"anoncam@{name}") for name in ("door", "gate"))
    assert find_cameras(first) == {"door": door, "gate": gate}
    daemon(first)
    assert find_cameras(first) == {"": first, "door": door, "gate": gate}
    assert find_cameras(door) == {"door": door}


def test_folders_of_others_are_no_cameras(tmp_path: Path) -> None:
    (tmp_path / "anoncam@empty").mkdir()
    daemon(tmp_path / "anoncam-web")
    daemon(tmp_path / "[a-z]*@x")
    assert find_cameras(tmp_path / "anoncam") == {}


def test_cameras_that_start_with_the_machine_are_known_though_they_never_ran(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = tmp_path / "anoncam"
    assert enabled_cameras(first) == {}
    others = ("anoncam-web.service", "anoncam-rtsp@door.service", "anoncam@.service.d", "x.service")
    enable(monkeypatch, tmp_path, "anoncam@door.service", "anoncam@b\\x20c.service", *others)
    found = {name: tmp_path / f"anoncam@{name}" for name in ("b\\x20c", "door")}
    assert enabled_cameras(first) == found
    (tmp_path / "units" / "graphical.target.wants").mkdir()
    (tmp_path / "units" / "graphical.target.wants" / "anoncam.service").touch()
    assert enabled_cameras(first) == {"": first, **found}
    assert enabled_cameras(tmp_path / "of-a-user" / "anoncam") == {}
