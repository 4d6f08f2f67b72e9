"""`anoncam anonymize` from a store into a store, by URL."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.archive.conftest import write_clip
from tests.support.running import anoncam
from tests.support.s3_store import SECRET_KEY, s3_store

pytestmark = pytest.mark.integration

UNREAD, STORE = 14, 16


def test_a_folder_of_a_store_is_written_to_a_store_and_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_clip(tmp_path / "clip.mp4", 1)
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(tmp_path / "picture.png")
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "broken.bin").write_bytes(bytes(range(256)))
    with s3_store(monkeypatch) as store:
        for name in ("clip.mp4", "inner/picture.png", "notes.txt", "broken.bin"):
            (store / "in" / name).upload(tmp_path / Path(name).name)
        ended = anoncam("anonymize", f"{store}/in", "-o", f"{store}/in/out", "--json")
        assert ended.returncode == UNREAD, ended.stderr
        results = {each["input"]: each for each in json.loads(ended.stdout)}
        assert set(results) == {
            f"{store}/in/{name}" for name in ("clip.mp4", "inner/picture.png", "broken.bin")
        }
        assert results[f"{store}/in/clip.mp4"]["output"] == f"{store}/in/out/clip.mp4"
        assert results[f"{store}/in/broken.bin"]["error"]
        written = {str(file).removeprefix(f"{store}/in/") for file in (store / "in").files()}
        assert {"out/clip.mp4", "out/inner/picture.png"} <= written
        assert {"out.anoncam/report.csv", "out.anoncam/report.json"} <= written
        kept = [file.read_bytes() for file in (store / "in" / "out.anoncam").files()]
        assert len(kept) == 4
        assert not any(SECRET_KEY.encode() in data for data in kept)
        before = (store / "in" / "out" / "clip.mp4").size_and_state()
        again = anoncam("anonymize", f"{store}/in", "-o", f"{store}/in/out", "--json")
        assert json.loads(again.stdout) == json.loads(ended.stdout)
        assert (store / "in" / "out" / "clip.mp4").size_and_state() == before
        one = anoncam("anonymize", f"{store}/in/clip.mp4", "-o", tmp_path / "here.mp4")
        assert one.returncode == 0, one.stderr
        assert (tmp_path / "here.mp4").exists()


def test_a_password_in_a_url_is_refused_and_not_shown(tmp_path: Path) -> None:
    ended = anoncam("anonymize", "sftp://camera:hunter2@host/in.mp4", "-o", tmp_path / "out.mp4")
    assert ended.returncode == STORE
    assert "a password is in a URL of host" in ended.stderr
    assert "hunter2" not in ended.stderr + ended.stdout
