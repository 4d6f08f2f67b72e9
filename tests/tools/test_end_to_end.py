"""The whole work of a user in miniature: train, be killed, resume, evaluate, convert, verify.

`make test-tools` runs this with the libraries installed; elsewhere it is skipped.
"""

import importlib.util
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.support.checkout import ROOT

NEEDED = ("torch", "litert_torch", "ai_edge_quantizer", "coremltools", "matplotlib")
FACE = (180, 70, 95, 120)
"""Where the face is in the portrait: x, y, width, height."""

missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.skipif(bool(missing), reason=f"not installed (extra: tools): {', '.join(missing)}"),
    # Each step loads torch and more in a process of its own.
    pytest.mark.timeout(1200),
]


def run(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    done = subprocess.run(
        [sys.executable, "-m", *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    return done


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with sixteen pictures of a face, labelled in COCO JSON, and weights to start
    from."""
    import torch  # noqa: PLC0415 - not everyone has it

    from tools.network.checkpoint import save_checkpoint  # noqa: PLC0415 - it needs torch
    from tools.network.yunet import YuNet  # noqa: PLC0415 - it needs torch

    folder = tmp_path_factory.mktemp("tools")
    (folder / "faces").mkdir()
    whole = Image.fromarray(np.asarray(skimage.data.astronaut()))  # type: ignore[no-untyped-call, unused-ignore]
    images, annotations = [], []
    for number in range(16):
        left, top = 5 * number, 3 * number
        whole.crop((left, top, left + 320, top + 256)).save(folder / "faces" / f"{number}.png")
        images.append({"id": number, "file_name": f"{number}.png", "width": 320, "height": 256})
        box = [FACE[0] - left, FACE[1] - top, FACE[2], FACE[3]]
        annotations.append({"id": number, "image_id": number, "category_id": 1, "bbox": box})
    labels = {
        "images": images,
        "annotations": annotations,
        "categories": [{"id": 1, "name": "face"}],
    }
    (folder / "faces.json").write_text(json.dumps(labels))
    torch.manual_seed(0)
    save_checkpoint(YuNet(), folder / "start.pt", {})
    return folder


def training(work: Path, output: str, *more: str) -> list[str]:
    return [
        *("tools.train", "--data", str(work / "faces"), "--validate", str(work / "faces")),
        *(
            "--init",
            str(work / "start.pt"),
            "--epochs",
            "3",
            "--batch",
            "4",
            "--side",
            "64",
            "--judge",
            "64x64",
        ),
        *("--threads", "1", "--seed", "3", "-o", str(work / output), *more),
    ]


@pytest.fixture(scope="module")
def trained(work: Path) -> Path:
    """A run that was killed after its first epoch, and resumed."""
    command = [sys.executable, "-m", *training(work, "run")]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if "epoch 1: " in line:
                break
        # With the process that prepares its samples.
        os.killpg(child.pid, signal.SIGKILL)
    done = run(*training(work, "run", "--resume"))
    assert "epoch 1: " not in done.stdout + done.stderr
    return work / "run"


def test_a_killed_run_resumes_and_ends_with_the_weights_of_one_that_was_not_killed(
    work: Path, trained: Path
) -> None:
    import torch  # noqa: PLC0415 - not everyone has it

    run(*training(work, "whole"))
    resumed, whole = (
        torch.load(path / "last.pt", weights_only=True) for path in (trained, work / "whole")
    )
    assert [entry["loss"] for entry in resumed["history"]] == [
        entry["loss"] for entry in whole["history"]
    ]
    for name, value in whole["state_dict"].items():
        assert torch.equal(value, resumed["state_dict"][name]), name
    start = torch.load(work / "start.pt", weights_only=True)["state_dict"]
    assert not torch.equal(
        start["bbox_head.multi_level_cls.0.conv1.weight"],
        whole["state_dict"]["bbox_head.multi_level_cls.0.conv1.weight"],
    )
    with Image.open(trained / "curves.png") as plot:
        assert plot.format == "PNG"


def test_a_run_of_the_heads_keeps_all_else_and_the_hard_negatives(work: Path) -> None:
    import torch  # noqa: PLC0415 - not everyone has it

    from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415 - it needs torch

    shipped = ROOT / "models" / "anoncam-face.pt"
    heads = ["--train", "heads", "--hard-negatives", "--init", str(shipped)]
    run(*training(work, "heads", *heads))
    assert len(json.loads((work / "heads" / "hard-negatives.json").read_text())) == 16
    start, ended = (
        load_checkpoint(path).state_dict() for path in (shipped, work / "heads" / "last.pt")
    )
    changed = {name for name, value in start.items() if not torch.equal(value, ended[name])}
    assert {name.split(".")[1] for name in changed} == {
        "multi_level_cls",
        "multi_level_obj",
        "multi_level_share_convs",
    }
    assert not [name for name in changed if "running" in name]


def test_a_checkpoint_and_its_conversions_are_verified_and_evaluated_side_by_side(
    work: Path, trained: Path
) -> None:
    converted = run(
        *(
            "tools.convert",
            trained / "last.pt",
            "--size",
            "64x64@96x96",
            "--calibrate",
            work / "faces",
        ),
        *("--to", "tflite", "--to", "coreml", "--to", "mlmodel", "-o", work / "models"),
    )
    assert "anoncam-face-64x64.tflite: verified" in converted.stdout
    assert "anoncam-face.mlpackage: verified" in converted.stdout
    assert "anoncam-face.mlmodel: verified" in converted.stdout
    models = [
        trained / "last.pt",
        work / "models" / "anoncam-face-64x64.tflite",
        work / "models" / "anoncam-face.mlpackage",
        work / "models" / "anoncam-face.mlmodel",
    ]

    evaluated = run(
        *(
            "tools.evaluate",
            *(part for model in models for part in ("--model", model)),
            "--size",
            "64x64@96x96",
        ),
        *("--data", work / "faces", "-o", work / "report"),
    )
    for model in models:
        assert model.name in evaluated.stdout
    assert (work / "report" / "precision-recall.png").stat().st_size > 0
    assert len(list((work / "report").glob("misses-*.png"))) == 4
    run("tools.convert.edgetpu", models[1])


@pytest.mark.filterwarnings("default")  # what these libraries warn of among themselves
def test_a_conversion_that_deviates_writes_no_file(work: Path, trained: Path) -> None:
    from anoncam.errors import ModelError  # noqa: PLC0415
    from tools.common.pictures import choose  # noqa: PLC0415
    from tools.convert import conversion, verification  # noqa: PLC0415 - they need torch
    from tools.convert.deviation import Limits  # noqa: PLC0415
    from tools.dataset.formats import read_dataset  # noqa: PLC0415
    from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415
    from tools.network.layout import Size  # noqa: PLC0415

    output = work / "none"
    output.mkdir()
    labelled = read_dataset(work / "faces").pictures
    job = conversion.Conversion(
        load_checkpoint(trained / "last.pt"), choose(work / "faces", 4), labelled, output
    )
    limits = Limits(head_error=1e-6, precision=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(verification, "INT8", limits)
        with pytest.raises(ModelError, match="of its spread"):
            conversion.convert_to_tflite(job, Size(64, 64, 64, 64))
    assert list(output.iterdir()) == []


@pytest.mark.filterwarnings("default")  # what these libraries warn of among themselves
@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("anoncam-face.mlpackage/Data/com.apple.CoreML/model.mlmodel", "mlProgram"),
        ("anoncam-face.mlmodel", "neuralNetwork"),
    ],
)
def test_vision_takes_the_coreml_models_for_object_detectors(
    work: Path, path: str, kind: str
) -> None:
    from coremltools.proto import Model_pb2  # noqa: PLC0415 - not everyone has it

    if not (work / "models" / path).exists():
        pytest.skip("the model was not made")
    model = Model_pb2.Model.FromString((work / "models" / path).read_bytes())
    assert [stage.WhichOneof("Type") for stage in model.pipeline.models] == [
        kind,
        "nonMaximumSuppression",
    ]
    assert [entry.name for entry in model.description.output] == ["confidence", "coordinates"]
    assert [entry.name for entry in model.description.input] == [
        "image",
        "iouThreshold",
        "confidenceThreshold",
    ]
    assert [entry.type.isOptional for entry in model.description.input] == [False, True, True]
    detector, suppression = model.pipeline.models
    for given, taken in zip(
        detector.description.output, suppression.description.input, strict=False
    ):
        assert given.name == taken.name
        assert given.type.multiArrayType.dataType == taken.type.multiArrayType.dataType
        assert list(given.type.multiArrayType.shape) == list(taken.type.multiArrayType.shape)
    assert list(suppression.nonMaximumSuppression.stringClassLabels.vector) == ["face"]
    stated = model.description.metadata.userDefined
    assert float(stated["scoreThreshold"]) ** float(stated["scorePower"]) == pytest.approx(0.8)
