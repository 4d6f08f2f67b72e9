import os
from pathlib import Path

import pytest

from anoncam.config.drop_ins import drop_in_folder
from anoncam.config.load import load
from anoncam.config.model_drop_in import choose_model, forget_model
from anoncam.errors import StorageError
from tests.support.checkout import ROOT


def test_a_chosen_model_is_in_force_and_the_file_stays_as_it_was(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    text = (ROOT / "config.yaml").read_text()
    config.write_text(text)
    written = choose_model(config, "google-face-320x320")
    assert load(config, {}).detector.model == "google-face-320x320"
    assert config.read_text() == text
    assert written.stat().st_mode & 0o777 == 0o644
    assert [path.name for path in drop_in_folder(config).iterdir()] == ["model.yaml"]


def test_the_daemon_can_read_the_choice_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        written = choose_model(tmp_path / "config.yaml", "a")
    finally:
        os.umask(before)
    assert written.parent.stat().st_mode & 0o777 == 0o755


def test_a_choice_is_undone_without_a_trace(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    assert not forget_model(config)
    choose_model(config, "a")
    choose_model(config, "b")
    assert forget_model(config)
    assert list(tmp_path.iterdir()) == []


def test_drop_ins_of_others_are_kept(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    choose_model(config, "a")
    other = drop_in_folder(config) / "rate.yaml"
    other.write_text("detector: {rate: 5}\n")
    forget_model(config)
    assert other.exists()


def test_where_there_is_no_folder_for_configurations_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is not a folder"):
        choose_model(tmp_path / "none" / "config.yaml", "a")
