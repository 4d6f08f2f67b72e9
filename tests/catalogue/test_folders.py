import os
from pathlib import Path

import pytest

from anoncam.catalogue import folders
from anoncam.catalogue.fetched import find_fetched, put
from anoncam.catalogue.folders import SYSTEM, folders_to_read, own_folder
from tests.support.models import NAME, tiny_entry


def test_the_service_loads_nothing_from_a_folder_that_it_could_write() -> None:
    of_user = {"HOME": "/home/anna"}
    assert folders_to_read(of_user) == (own_folder(of_user), SYSTEM)
    of_service = {"HOME": "/var/lib/anoncam", "STATE_DIRECTORY": "/var/lib/anoncam"}
    assert folders_to_read(of_service) == (SYSTEM,)


def test_what_is_fetched_for_the_whole_machine_can_be_read_whatever_the_umask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "share" / "anoncam" / "models"
    monkeypatch.setattr(folders, "SYSTEM", folder)
    entry, files = tiny_entry("http://there")
    contents = {file.name: files[file.address.removeprefix("http://there")] for file in entry.files}
    before = os.umask(0o077)
    try:
        put(entry, contents, folder)
    finally:
        os.umask(before)
    for made in (folder, *folder.parents[:2]):
        assert made.stat().st_mode & 0o777 == 0o755
    assert find_fetched(NAME, {"HOME": "/nonexistent"}) == folder / f"{NAME}.tflite"
