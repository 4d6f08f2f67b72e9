from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")
coremltools = pytest.importorskip(
    "coremltools", reason="coremltools is not installed (extra: tools)"
)

from tests.support.small_network import ENLARGED, SIDE, make_everything  # noqa: E402  # it needs torch
from tools.evaluate import coreml_network_evaluator  # noqa: E402  # it needs coremltools
from tools.evaluate.coreml_network_layers import LAYERS  # noqa: E402  # it needs coremltools

# What these libraries warn of among themselves.
pytestmark = pytest.mark.filterwarnings("default")

PICTURE = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    traced = torch.jit.trace(make_everything(), torch.rand(1, 3, SIDE, SIDE), check_trace=False)
    model = coremltools.convert(
        traced,
        inputs=[coremltools.ImageType(name="image", shape=(1, 3, SIDE, SIDE), scale=1 / 255)],
        outputs=[coremltools.TensorType(name=name) for name in ("score", "place")],
        convert_to="neuralnetwork",
        minimum_deployment_target=coremltools.target.iOS14,
        skip_model_load=True,
    )
    specification = model.get_spec()
    for entry, width in zip(specification.description.output, (1, 4), strict=True):
        entry.type.multiArrayType.shape.extend([(ENLARGED // 2) ** 2, width])
    path = tmp_path_factory.mktemp("layers") / "network.mlmodel"
    path.write_bytes(specification.SerializeToString())
    return path


def test_a_saved_network_computes_the_same_as_in_torch(file: Path) -> None:
    network = coreml_network_evaluator.CoreMLNetwork(file)
    assert (network.width, network.height) == (SIDE, SIDE)
    outputs = network.run(PICTURE)

    with torch.no_grad():
        score, place = make_everything()(torch.from_numpy(PICTURE).permute(2, 0, 1)[None] / 255)
    np.testing.assert_allclose(outputs["score"], score.numpy(), rtol=1e-5)
    np.testing.assert_allclose(outputs["place"], place.numpy(), rtol=1e-4, atol=1e-5)


def test_an_output_of_another_shape_than_the_file_says_is_an_error(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(
        LAYERS,
        "concatND",
        lambda layer, *values: np.concatenate(values, layer.axis)[1:],
    )
    with pytest.raises(ModelError, match=r"place has shape .* where the file says"):
        coreml_network_evaluator.CoreMLNetwork(file).run(PICTURE)


def test_a_network_with_an_unsupported_layer_is_refused_by_name(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(LAYERS, "pooling")
    with pytest.raises(ModelError, match="unsupported layers: pooling"):
        coreml_network_evaluator.CoreMLNetwork(file)


def test_a_file_that_is_no_model_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "holiday.mlmodel"
    path.write_bytes(b"holiday")
    with pytest.raises(ModelError, match="not a CoreML model"):
        coreml_network_evaluator.CoreMLNetwork(path)
