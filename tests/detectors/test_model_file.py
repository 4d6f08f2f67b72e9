import hashlib
from pathlib import Path

import pytest

from anoncam.detectors import model_file
from anoncam.errors import ModelError

TFLITE = b"\x1c\0\0\0TFL3" + bytes(64)
COMPILED = TFLITE + b"edgetpu-custom-op"


def _write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_auto_is_a_shipped_model_and_models_are_named_like_their_files() -> None:
    model = model_file.find("auto")

    assert model == model_file.find(model.name) == model_file.find(str(model.path))
    assert model.sha256 == hashlib.sha256(model.path.read_bytes()).hexdigest()
    assert (model.head, model.for_coral) == ("yunet", False)


def test_a_missing_model_raises_an_error_that_names_the_shipped_ones() -> None:
    with pytest.raises(
        ModelError, match=r"cannot read model .*nowhere.tflite.*anoncam-face-320x320"
    ):
        model_file.find("/nowhere.tflite")


@pytest.mark.parametrize("content", [b"", b"TFL3", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_another_file_is_not_a_model(tmp_path: Path, content: bytes) -> None:
    path = _write(tmp_path, "model.tflite", content)

    with pytest.raises(ModelError, match="is not a TFLite model"):
        model_file.find(str(path))


def test_a_folder_is_not_a_model(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").mkdir()

    with pytest.raises(ModelError, match="cannot read model"):
        model_file.find(str(tmp_path / "model.tflite"))


def test_the_twins_of_a_model_are_found_beside_it(tmp_path: Path) -> None:
    plain = model_file.find(str(_write(tmp_path, "face.tflite", TFLITE)))
    assert model_file.coral_twin(plain) is None
    assert model_file.cpu_twin(plain) is None

    compiled = model_file.find(str(_write(tmp_path, "face_edgetpu.tflite", COMPILED)))

    assert compiled.for_coral
    assert model_file.coral_twin(plain) == compiled
    assert model_file.cpu_twin(compiled) == plain


def test_a_compiled_model_has_the_sidecar_of_its_twin(tmp_path: Path) -> None:
    _write(tmp_path, "face.json", b'{"head": "yunet"}')

    assert model_file.find(str(_write(tmp_path, "face_edgetpu.tflite", COMPILED))).head == "yunet"


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b"\xff\xfe", b'"yunet"'])
def test_a_broken_sidecar_is_an_error_that_names_what_it_needs(
    tmp_path: Path, content: bytes
) -> None:
    _write(tmp_path, "face.json", content)

    with pytest.raises(ModelError, match=r"face\.json.*it needs"):
        model_file.find(str(_write(tmp_path, "face.tflite", TFLITE)))


def test_a_compiled_model_that_lies_with_the_fetched_ones_is_the_twin_of_a_shipped_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    shipped = model_file.find("auto")
    assert model_file.coral_twin(shipped) is None
    folder = tmp_path / "anoncam" / "models"
    folder.mkdir(parents=True)
    _write(folder, f"{shipped.name}_edgetpu.tflite", COMPILED)
    twin = model_file.coral_twin(shipped)
    assert twin is not None
    assert (twin.for_coral, twin.head) == (True, "yunet")
