from pathlib import Path

import pytest
import yaml

from anoncam.config.schema import Config
from anoncam.errors import InputError
from tools.demo.demonstration import demonstrate, write_config


def test_the_demos_config_is_valid_and_plays_the_source_once(tmp_path: Path) -> None:
    path = write_config(tmp_path / "config.yaml", tmp_path / "a: b.mp4", tmp_path / "recordings")
    config = Config.model_validate(yaml.safe_load(path.read_text()))
    assert (config.source.type, config.source.loop) == ("file", False)
    assert config.source.address == str(tmp_path / "a: b.mp4")
    assert config.recording.folder == tmp_path / "recordings"


def test_a_missing_source_is_an_error_and_deletes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    with pytest.raises(InputError, match=r"missing\.mp4"):
        demonstrate(Path("missing.mp4"), tmp_path)
    assert kept.exists()


def test_a_source_in_the_folder_that_is_emptied_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "recordings" / "mine.mp4"
    source.parent.mkdir()
    source.touch()
    with pytest.raises(InputError, match="every run empties"):
        demonstrate(source, tmp_path)
    assert source.exists()
