from pathlib import Path

import pytest

from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.service.instances import FILE, instance_in, instance_of, register


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folders:
    """The folders of the service, on this machine of the test."""
    place = Folders(tmp_path / "lib" / "anoncam", tmp_path / "run" / "anoncam")
    place.state.mkdir(parents=True)
    monkeypatch.setattr(folders, "SERVICE", place)
    return place


def environment(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "home"), "HOME": str(tmp_path)}


@pytest.mark.parametrize("folder", ["anoncam", "anoncam/door", "anoncam-door"])
def test_an_instance_is_found_by_its_configuration(
    service: Folders, tmp_path: Path, folder: str
) -> None:
    place = Folders(tmp_path / "lib" / folder, tmp_path / "run" / folder)
    place.state.mkdir(exist_ok=True)
    (tmp_path / "lib" / "anoncam" / "recordings").mkdir()
    config = tmp_path / "door.yaml"
    register(place, config)
    assert instance_of(config, environment(tmp_path)) == place
    assert instance_of(tmp_path / "garden.yaml", environment(tmp_path)) is None


def test_one_file_has_many_names(
    service: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "door.yaml"
    config.touch()
    (tmp_path / "link.yaml").symlink_to(config)
    monkeypatch.chdir(tmp_path)
    register(service, Path("link.yaml"))
    for name in (Path("door.yaml"), Path("../") / tmp_path.name / "door.yaml", config):
        assert instance_of(name, environment(tmp_path)) == service


def test_an_instance_is_found_by_its_state_folder(tmp_path: Path) -> None:
    assert instance_in(tmp_path) == Folders(tmp_path, tmp_path)
    register(Folders(tmp_path, tmp_path / "run"), tmp_path / "door.yaml")
    assert instance_in(tmp_path) == Folders(tmp_path, tmp_path / "run")


def test_an_entry_is_written_only_when_it_changes(tmp_path: Path) -> None:
    place = Folders(tmp_path, tmp_path / "run")
    register(place, tmp_path / "door.yaml")
    before = (tmp_path / FILE).stat().st_ino
    register(place, tmp_path / "door.yaml")
    assert (tmp_path / FILE).stat().st_ino == before
    register(place, tmp_path / "garden.yaml")
    assert instance_of(tmp_path / "door.yaml", {"STATE_DIRECTORY": str(tmp_path)}) is None
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"config": '])
def test_a_damaged_entry_counts_as_missing(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content)
    assert instance_in(tmp_path) == Folders(tmp_path, tmp_path)
    assert instance_of(tmp_path / "door.yaml", {"STATE_DIRECTORY": str(tmp_path)}) is None
