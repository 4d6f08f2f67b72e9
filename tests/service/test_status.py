import json
from pathlib import Path

import pytest

from anoncam.service import status


def test_the_file_is_json_without_a_password_at_any_depth(tmp_path: Path) -> None:
    address = "rtsp://bob:hush-hush@10.0.0.7/x"
    status.write(
        tmp_path,
        {"source": address, "config": {"problems": [f"cannot open {address}"]}, "fps": 25.0},
    )
    text = (tmp_path / "status.json").read_text()
    assert "hush-hush" not in text
    assert json.loads(text) == {
        "source": "rtsp://bob:***@10.0.0.7/x",
        "config": {"problems": ["cannot open rtsp://bob:***@10.0.0.7/x"]},
        "fps": 25.0,
    }


def test_the_file_is_replaced_in_one_step(tmp_path: Path) -> None:
    status.write(tmp_path, {"doing": "starting"})
    with (tmp_path / "status.json").open() as reader:
        status.write(tmp_path, {"doing": "recording"})
        assert json.load(reader) == {"doing": "starting"}
    assert json.loads((tmp_path / "status.json").read_text()) == {"doing": "recording"}
    assert [path.name for path in tmp_path.iterdir()] == ["status.json"]


def test_a_missing_folder_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        status.write(tmp_path / "none", {})
