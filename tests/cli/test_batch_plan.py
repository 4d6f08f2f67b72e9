"""What is written where."""

import secrets
from pathlib import Path

import pytest
from PIL import Image

from anoncam.cli.batch_plan import plan
from anoncam.errors import InputError, StorageError
from anoncam.stores.remote_file import RemoteFile

pytestmark = pytest.mark.integration

PICTURE = Image.new("RGB", (16, 16))


def test_a_result_has_the_name_of_what_it_is(tmp_path: Path) -> None:
    source, output = tmp_path / "in", tmp_path / "out"
    (source / "inner").mkdir(parents=True)
    frames = [Image.new("RGB", (16, 16), colour) for colour in ("red", "blue")]
    PICTURE.save(source / "a.png", save_all=True, append_images=frames)
    PICTURE.save(source / "b.avif")
    PICTURE.save(source / "c.jpg", format="AVIF")
    PICTURE.save(source / "d.tif")
    PICTURE.save(source / "e.bmp")
    PICTURE.save(source / "inner" / "f.png")
    PICTURE.save(source / "g.mp4", format="JPEG")
    named = {
        str(before.relative_to(source)): str(after.relative_to(output))
        for before, after in plan((source,), output).files
    }
    assert named == {
        "a.png": "a.mp4",
        "b.avif": "b.jpg",
        "c.jpg": "c.jpg",
        "d.tif": "d.png",
        "e.bmp": "e.png",
        "inner/f.png": "inner/f.png",
        "g.mp4": "g.png",
    }
    assert (output / "inner").is_dir()


def test_a_photograph_beside_the_same_in_another_format_keeps_both(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    PICTURE.save(source / "a.jpg")
    PICTURE.save(source / "a.avif")
    results = [target.name for _, target in plan((source,), tmp_path / "out").files]
    assert sorted(results) == ["a.jpg", "a.jpg.jpg"]


def test_inputs_that_would_overwrite_each_other_or_themselves_are_refused(tmp_path: Path) -> None:
    PICTURE.save(tmp_path / "a.png")
    (tmp_path / "inner").mkdir()
    PICTURE.save(tmp_path / "inner" / "a.png")
    with pytest.raises(StorageError, match="two inputs"):
        plan((tmp_path / "a.png", tmp_path / "inner" / "a.png"), tmp_path / "out")
    with pytest.raises(StorageError, match="the input itself"):
        plan((tmp_path / "a.png",), tmp_path)


def test_a_folder_without_files_is_an_error_and_makes_none(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no footage"):
        plan((tmp_path / "empty",), tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "name", ["../../beyond.mp4", "inner/../../beyond.mp4", "a::b.mp4", "in.mp4?a=b.mp4"]
)
def test_a_name_in_a_store_that_no_url_has_is_told_and_leads_nowhere_else(
    tmp_path: Path, name: str
) -> None:
    memory = pytest.importorskip("fsspec").filesystem("memory")
    source = RemoteFile(f"memory://{secrets.token_hex(4)}/in")
    (source / "whole.mp4").write_bytes(b"")
    folder = f"/{source.url.removeprefix('memory://')}"
    memory.store[f"{folder}/{name}"] = memory.store[f"{folder}/whole.mp4"]
    planned = plan((source,), tmp_path / "out")
    assert planned.files == [(source / "whole.mp4", tmp_path / "out" / "whole.mp4")]
    assert [place for place, why in planned.unread if name in why] == [source]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
