"""The converter as a user runs it, on a network of random weights."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from tests.support.checkout import ROOT
from tools.network.layout import OUTPUTS, Size

pytestmark = pytest.mark.integration

NEEDED = ("torch", "litert_torch", "ai_edge_quantizer")
SIDE, ENLARGED = 64, 96

missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
needs_libraries = pytest.mark.skipif(
    bool(missing), reason=f"not installed (extra: tools): {', '.join(missing)}"
)


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    # In a process of its own: the libraries warn while they are imported, and warnings are errors
    # here.
    return subprocess.run(
        [sys.executable, "-m", "tools.convert", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def portraits(folder: Path) -> list[NDArray[np.uint8]]:
    """Cut-outs of one picture, in the size of the model, also written to `folder`."""
    whole = np.asarray(skimage.data.astronaut())  # type: ignore[no-untyped-call, unused-ignore]
    cuts = [
        np.ascontiguousarray(whole[top : top + SIDE, 150 : 150 + SIDE]) for top in range(0, 448, 64)
    ]
    folder.mkdir()
    for index, cut in enumerate(cuts):
        Image.fromarray(cut).save(folder / f"{index}.png")
    return cuts


@needs_libraries
def test_a_converted_network_that_enlarges_its_input_computes_the_same_as_in_torch(
    tmp_path: Path,
) -> None:
    import torch  # noqa: PLC0415  # not everyone has it
    from ai_edge_litert.interpreter import Interpreter  # noqa: PLC0415  # it comes with the others

    from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415  # it needs torch
    from tools.network.enlargement import for_size  # noqa: PLC0415  # it needs torch
    from tools.network.yunet import YuNet  # noqa: PLC0415  # it needs torch

    torch.manual_seed(1)
    torch.save({"state_dict": YuNet().state_dict()}, tmp_path / "weights.pth")
    pictures = portraits(tmp_path / "pictures")

    size = Size(SIDE, SIDE, ENLARGED, ENLARGED)
    done = run(
        tmp_path / "weights.pth",
        "--size",
        str(size),
        "--calibrate",
        tmp_path / "pictures",
        "-o",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr

    stem = tmp_path / f"anoncam-face-{SIDE}x{SIDE}"
    assert json.loads(stem.with_suffix(".json").read_text())["head"] == "yunet"
    interpreter = Interpreter(str(stem.with_suffix(".tflite")), num_threads=1)
    interpreter.allocate_tensors()
    outputs = {output["name"]: output for output in interpreter.get_output_details()}
    network = for_size(load_checkpoint(tmp_path / "weights.pth"), size)
    for picture in pictures:
        interpreter.set_tensor(
            interpreter.get_input_details()[0]["index"], (picture ^ 128).view(np.int8)[None]
        )
        interpreter.invoke()
        with torch.no_grad():
            expected = network(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)
        for name, wanted in zip(OUTPUTS, expected, strict=True):
            scale, zero_point = outputs[name]["quantization"]
            got = (
                interpreter.get_tensor(outputs[name]["index"]).astype(float) - zero_point
            ) * scale
            assert np.abs(got - wanted.numpy()).max() < 0.1 * 255 * scale, name


def test_a_size_that_does_not_fit_the_network_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "weights.pth").touch()
    done = run(
        tmp_path / "weights.pth", "--size", "640x360", "--calibrate", tmp_path, "-o", tmp_path
    )
    assert done.returncode == 2
    assert "640x360: width and height must be multiples of 32" in done.stderr
    assert "Traceback" not in done.stderr


@needs_libraries
def test_a_file_that_is_no_checkpoint_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "weights.pth").write_text("holiday")
    done = run(tmp_path / "weights.pth", "--size", "64x64", "--calibrate", tmp_path, "-o", tmp_path)
    assert done.returncode == 1
    assert "weights.pth: not a torch checkpoint" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not missing, reason="the libraries that are to be missing are installed")
def test_a_missing_library_is_an_error_of_one_line(tmp_path: Path) -> None:
    (tmp_path / "weights.pth").touch()
    done = run(tmp_path / "weights.pth", "--size", "64x64", "--calibrate", tmp_path, "-o", tmp_path)
    assert done.returncode == 1
    assert "is not installed (pip install 'anoncam[tools]')" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_help_has_an_example_and_needs_none_of_the_libraries() -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "python -m tools.convert yunet_n.pth --size 320x320@384x384" in done.stdout
