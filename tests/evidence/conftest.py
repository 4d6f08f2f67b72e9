"""Recordings to tamper with, and a chain that cannot be written."""

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.evidence import chain
from anoncam.evidence.key_file import KeyFile
from tests.support.evidence_folder import Recordings, record


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five segments of a second each."""
    folder = tmp_path_factory.mktemp("original")
    record(folder, 5)
    return folder


@pytest.fixture
def recordings(original: Path, tmp_path: Path) -> Recordings:
    """A copy of them to tamper with."""
    shutil.copytree(original, tmp_path / "recordings")
    return Recordings(tmp_path / "recordings")


@pytest.fixture(scope="session")
def signed_original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five signed segments in `recordings`, and their key in `state`."""
    folder = tmp_path_factory.mktemp("signed")
    record(folder / "recordings", 5, KeyFile(folder / "state"))
    return folder


@pytest.fixture
def signed(signed_original: Path, tmp_path: Path) -> Recordings:
    """A copy of them to tamper with; the key is in the folder `state` beside it."""
    shutil.copytree(signed_original, tmp_path, dirs_exist_ok=True)
    return Recordings(tmp_path / "recordings")


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """A switch: while it is on, every write to the chain fails."""
    write = chain._write
    failing = False

    def fail(descriptor: int, path: Path, data: bytes) -> None:
        if failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(descriptor, path, data)

    def switch(on: bool) -> None:
        nonlocal failing
        failing = on

    monkeypatch.setattr(chain, "_write", fail)
    return switch
