import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.catalogue import download as module
from anoncam.catalogue.download import download
from anoncam.errors import DownloadError
from tests.support.file_server import FileServer
from tests.support.models import at_home


def test_progress_is_told_with_the_size_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, monkeypatch)
    content = bytes(200_000)
    told: list[tuple[int, int | None]] = []
    with FileServer({"/model": content}) as server:
        part = tmp_path / "part"
        got = download(
            f"{server.address}/model", part, lambda done, total: told.append((done, total))
        )
    assert got == part.read_bytes() == content
    assert told[-1] == (len(content), len(content))
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_server_that_sends_without_end_does_not_fill_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_home(tmp_path, monkeypatch)
    monkeypatch.setattr(module, "LARGEST", 1000)
    part = tmp_path / "part"
    with FileServer({"/model": bytes(200_000)}) as server, pytest.raises(DownloadError, match="MB"):
        download(f"{server.address}/model", part, lambda done, total: None)
    assert part.stat().st_size == 0


@pytest.mark.integration
def test_the_daemon_and_its_detector_load_nothing_that_downloads() -> None:
    script = (
        "import anoncam.service.daemon, anoncam.detectors.process.worker, sys; print(*sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "anoncam.catalogue.fetched" in loaded
    assert not {"anoncam.catalogue.download", "anoncam.catalogue.fetch"} & loaded
