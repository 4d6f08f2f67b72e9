"""``anoncam model``: list, fetch, use and check."""

import json
from pathlib import Path

import pytest

from anoncam.catalogue import catalogue, fetched
from anoncam.cli import model_fetch
from anoncam.config.load import load
from anoncam.detectors import model_file
from tests.support.file_server import FileServer
from tests.support.models import NAME, at_home, tiny_entry
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

FACE = "google-face-320x320"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return at_home(tmp_path / "data", monkeypatch)


def test_the_list_says_what_is_here_what_is_in_use_and_where_the_rest_is_from(home: Path) -> None:
    printed = anoncam("model", "list", "--config", home / "none.yaml").stdout
    assert "anoncam-face-640x384: comes with anoncam, in use\n" in printed
    assert f"{FACE}: not fetched\n" in printed
    assert "104342d2d3480b3e66203073dac24f4e2dbb4c41/ssd_mobilenet" in printed
    assert "beware: " in printed


def test_the_list_as_json_has_every_model_with_its_state(home: Path) -> None:
    rows = json.loads(anoncam("model", "list", "--json").stdout)
    assert {row["name"]: row["state"] for row in rows}[FACE] == "not fetched"


def test_without_a_network_one_line_says_what_helps(home: Path) -> None:
    # Nothing listens there, so the proxy refuses as a missing network would.
    done = anoncam("model", "fetch", FACE, environment={"https_proxy": "http://127.0.0.1:9"})
    assert done.returncode == 3
    (line,) = done.stderr.splitlines()
    assert line.startswith("anoncam: cannot download ssd_mobilenet_v2_face_quant_postprocess")
    assert "--from" in line


def test_a_model_that_comes_with_anoncam_needs_no_fetching() -> None:
    done = anoncam("model", "fetch", "anoncam-face-320x320")
    assert (done.returncode, done.stderr) == (0, "")
    assert "nothing to fetch" in done.stdout


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    done = anoncam("model", "use", "yolo")
    assert done.returncode == 4
    assert FACE in done.stderr


def test_use_fetches_the_model_and_writes_a_drop_in_beside_the_configuration(
    home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("detector:\n  model: mine.tflite\n")
    with FileServer({}) as server:
        entry, server.files = tiny_entry(server.address)
        default = catalogue.entry(model_file.DEFAULT_MODEL)
        known = {NAME: entry, default.name: default}
        monkeypatch.setattr(model_fetch, "entry", known.__getitem__)
        monkeypatch.setattr(fetched, "entries", lambda: (entry,))
        model_fetch.use(NAME, (), config)
    printed = capsys.readouterr()
    assert load(config, {}).detector.model == NAME
    assert config.read_text() == "detector:\n  model: mine.tflite\n"
    assert "wins over detector.model: mine.tflite" in printed.out
    assert printed.out.endswith("sudo systemctl reload anoncam\n")
    assert "beware: it is tiny" in printed.err
    assert default.measured in printed.err


def test_use_auto_undoes_the_choice(tmp_path: Path) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("{}")
    done = anoncam("model", "use", "anoncam-face-320x320", "--config", config)
    assert done.returncode == 0, done.stderr
    assert load(config, {}).detector.model == "anoncam-face-320x320"
    assert anoncam("model", "use", "auto", "--config", config).returncode == 0
    assert load(config, {}).detector.model == "auto"


def test_check_tells_a_shipped_model_and_runs_it() -> None:
    path = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    done = anoncam("model", "check", path)
    assert done.returncode == 0, done.stderr
    assert "known as  anoncam-face-320x320, which comes with anoncam\n" in done.stdout
    assert "not compiled for it" in done.stdout
    assert "detector  works on the CPU" in done.stdout


def test_check_refuses_what_is_no_model(tmp_path: Path) -> None:
    path = tmp_path / "cat.tflite"
    path.write_bytes(b"\x89PNG")
    done = anoncam("model", "check", path)
    assert (done.returncode, done.stdout) == (4, "")
    assert "is not a TFLite model" in done.stderr
