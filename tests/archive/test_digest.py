"""What a run of files depends on, and nothing else, goes to who does it."""

import pickle
from pathlib import Path

from anoncam.archive.digest import file_config
from anoncam.config.schema import AnonymizerSettings, Config, SourceSettings
from tests.support.archive import file_work, settings


def test_a_task_has_the_settings_of_files_and_no_password_of_a_camera(tmp_path: Path) -> None:
    config = Config(
        source=SourceSettings(type="rtsp", address="rtsp://user:password@camera/"),
        anonymizer=AnonymizerSettings(rows=7),
    )
    sent = settings(file_config(config))
    assert sent.config.anonymizer.rows == 7
    assert b"password@" in pickle.dumps(settings(config))
    assert b"password@" not in pickle.dumps((sent, file_work(tmp_path)))
