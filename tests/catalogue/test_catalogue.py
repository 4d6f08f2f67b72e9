import json
import re
import subprocess
from pathlib import Path

import pytest

from anoncam.catalogue.catalogue import FILE, blob_hash, entries, entry
from anoncam.detectors import model_file
from anoncam.detectors.coral_devices import MODEL_FOR_CORAL
from anoncam.errors import ModelError


def test_a_blob_hash_is_that_of_git(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\0face\r\n" * 1000)
    hashed = subprocess.run(
        ["git", "hash-object", "--no-filters", path], check=True, capture_output=True, text=True
    )
    assert blob_hash(path.read_bytes()) == hashed.stdout.strip()


def test_every_model_that_comes_with_anoncam_is_in_the_catalogue_with_its_true_input() -> None:
    shipped = {path.stem for path in model_file.shipped_folder().glob("*.tflite")}
    own = {each.name for each in entries() if not each.files}
    assert own == shipped
    assert all(each.name.endswith(each.input) for each in entries() if not each.files)


def test_every_address_is_pinned_to_its_commit_and_every_hash_is_one_of_git() -> None:
    fetched = [each for each in entries() if each.files]
    assert MODEL_FOR_CORAL in {each.name for each in fetched}
    for each in fetched:
        assert re.fullmatch("[0-9a-f]{40}", each.commit)
        for file in each.files:
            assert file.address.startswith("https://")
            assert f"/{each.commit}/" in file.address
            assert re.fullmatch("[0-9a-f]{40}", file.blob)
            assert file.name.startswith(each.name)
        assert each.licence
        assert each.weakness


def test_a_name_that_is_not_in_the_catalogue_is_refused_with_those_that_are() -> None:
    with pytest.raises(ModelError, match=r"no model yolo.*anoncam-face-640x384"):
        entry("yolo")


def test_the_file_of_the_catalogue_names_each_model_once() -> None:
    names = [each["name"] for each in json.loads(FILE.read_text())["models"]]
    assert len(names) == len(set(names))
