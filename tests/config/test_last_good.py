import os
import stat
from pathlib import Path

import pytest

from anoncam.config.last_good import FILE_NAME, load_or_last_good, recall, remember
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config, RecordingSettings, SourceSettings
from anoncam.errors import StorageError


def full_config() -> Config:
    return Config.model_validate(
        {
            "source": {"type": "rtsp", "address": "rtsp://user:hunter2@camera/1", "rotation": 90},
            "anonymizer": {"zones": [[[0, 0], [1, 0], [1, 1]]], "fill": "solid"},
            "recording": {
                "folder": "/srv/footage",
                "retention": {"max_size": "64GB", "max_age": 3.5},
            },
        }
    )


@pytest.mark.parametrize("config", [Config(), full_config()])
def test_what_is_remembered_is_recalled(tmp_path: Path, config: Config) -> None:
    remember(config, tmp_path)
    assert recall(tmp_path) == config


def test_only_its_owner_reads_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        remember(full_config(), tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / FILE_NAME).stat().st_mode) == 0o600


def test_remembering_replaces_in_one_step_and_leaves_nothing_else(tmp_path: Path) -> None:
    remember(Config(), tmp_path)
    (tmp_path / f"{FILE_NAME}.part").write_text("left by a power cut")
    remember(full_config(), tmp_path)
    assert recall(tmp_path) == full_config()
    assert [path.name for path in tmp_path.iterdir()] == [FILE_NAME]


def test_remembering_the_same_writes_nothing(tmp_path: Path) -> None:
    remember(full_config(), tmp_path)
    before = (tmp_path / FILE_NAME).stat()
    remember(full_config(), tmp_path)
    after = (tmp_path / FILE_NAME).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_the_state_folder_is_made(tmp_path: Path) -> None:
    remember(Config(), tmp_path / "a" / "b")
    assert recall(tmp_path / "a" / "b") == Config()


def test_a_state_folder_that_cannot_be_written_is_an_error_of_storage(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(StorageError, match="cannot keep the last good configuration"):
        remember(Config(), tmp_path / "state")


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff\x00", b'{"detector": {"rate": 900}}', b'{"old": 1}', b"[" * 100_000],
)
def test_what_is_damaged_or_of_another_version_is_not_recalled(
    tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert recall(tmp_path) is None


def test_without_a_last_good_one_there_is_nothing_to_recall(tmp_path: Path) -> None:
    assert recall(tmp_path / "missing") is None


def test_a_good_file_is_taken_before_the_last_good_one(tmp_path: Path) -> None:
    remember(full_config(), tmp_path)
    file = tmp_path / "config.yaml"
    file.write_text("detector: {rate: 3}")
    loaded = load_or_last_good(file, {}, tmp_path)
    assert loaded.config.detector.rate == 3
    assert loaded.problems == ()
    assert recall(tmp_path) == full_config()


def test_a_bad_file_gives_the_last_good_one_and_the_reasons(tmp_path: Path) -> None:
    remember(full_config(), tmp_path)
    file = tmp_path / "config.yaml"
    file.write_text("detector: {rate: 300}\nx: 1")
    loaded = load_or_last_good(file, {}, tmp_path)
    assert loaded.config == full_config()
    assert [problem.key for problem in loaded.problems] == ["detector.rate", "x"]


def test_a_missing_file_gives_the_last_good_one_too(tmp_path: Path) -> None:
    remember(full_config(), tmp_path)
    loaded = load_or_last_good(tmp_path / "missing.yaml", {}, tmp_path)
    assert loaded.config == full_config()
    assert len(loaded.problems) == 1


def test_a_bad_file_without_a_last_good_one_ends_with_2_and_all_problems(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("detector: {rate: 300}\nx: 1")
    with pytest.raises(InvalidConfigError) as caught:
        load_or_last_good(file, {}, tmp_path)
    assert caught.value.exit_code == 2
    assert len(caught.value.problems) == 2


def test_settings_made_in_code_are_held_to_the_same_rules() -> None:
    with pytest.raises(ValueError, match="address"):
        SourceSettings(type="rtsp")
    with pytest.raises(ValueError, match="whole path"):
        RecordingSettings(folder=Path("videos"))
    with pytest.raises(ValueError, match="address") as caught:
        SourceSettings(type="v4l2", address="rtsp://user:hunter2@camera")
    assert "hunter2" not in str(caught.value)
