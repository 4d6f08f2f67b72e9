from pathlib import Path

from anoncam.feed.cameras import find_cameras
from anoncam.feed.protocol import NAME


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
