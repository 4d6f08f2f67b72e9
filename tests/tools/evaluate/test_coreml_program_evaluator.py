from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")
coremltools = pytest.importorskip(
    "coremltools", reason="coremltools is not installed (extra: tools)"
)

from tests.support.small_network import SIDE, Everything, make_everything  # noqa: E402  # it needs torch
from tools.evaluate import coreml_program_evaluator  # noqa: E402  # it needs coremltools
from tools.evaluate.coreml_program_operators import OPERATORS  # noqa: E402  # it needs coremltools

# What these libraries warn of among themselves.
pytestmark = pytest.mark.filterwarnings("default")

PICTURE = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


def save(network: Everything, folder: Path) -> Path:
    traced = torch.jit.trace(network, torch.rand(1, 3, SIDE, SIDE), check_trace=False)
    model = coremltools.convert(
        traced,
        inputs=[coremltools.ImageType(name="image", shape=(1, 3, SIDE, SIDE), scale=1 / 255)],
        outputs=[
            coremltools.TensorType(name=name, dtype=np.float32) for name in ("score", "place")
        ],
        convert_to="mlprogram",
        minimum_deployment_target=coremltools.target.iOS15,
        skip_model_load=True,
    )
    model.save(str(folder / "network.mlpackage"))
    return folder / "network.mlpackage"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save(make_everything(), tmp_path_factory.mktemp("mil"))


def test_a_saved_program_computes_the_same_as_the_network(package: Path) -> None:
    program = coreml_program_evaluator.CoreMLProgram(package)
    assert (program.width, program.height) == (SIDE, SIDE)
    outputs = program.run(PICTURE)

    with torch.no_grad():
        score, place = make_everything()(torch.from_numpy(PICTURE).permute(2, 0, 1)[None] / 255)
    # Float16 has three digits.
    np.testing.assert_allclose(outputs["score"], score.numpy(), atol=2e-3)
    np.testing.assert_allclose(outputs["place"], place.numpy(), rtol=4e-3, atol=4e-3)


def test_values_are_rounded_as_the_file_says(package: Path) -> None:
    program = coreml_program_evaluator.CoreMLProgram(package)
    outputs = program.run(PICTURE)
    with torch.no_grad():
        score, _ = make_everything()(torch.from_numpy(PICTURE).permute(2, 0, 1)[None] / 255)
    assert outputs["score"].dtype == np.float32
    assert (outputs["score"] != score.numpy()).any()


def test_an_operator_that_gives_another_shape_than_the_file_says_is_an_error(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(OPERATORS, "relu", lambda values: values["x"][..., 1:])
    with pytest.raises(ModelError, match=r"relu gave .* where the file says"):
        coreml_program_evaluator.CoreMLProgram(package).run(PICTURE)


def test_a_program_with_an_unsupported_operator_is_refused_by_name(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(OPERATORS, "max_pool")
    with pytest.raises(ModelError, match="unsupported operators: max_pool"):
        coreml_program_evaluator.CoreMLProgram(package)


def test_a_folder_that_is_no_package_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a CoreML package"):
        coreml_program_evaluator.CoreMLProgram(tmp_path)
