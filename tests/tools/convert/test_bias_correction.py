import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.checkout import ROOT

flatbuffers = pytest.importorskip(
    "flatbuffers", reason="flatbuffers is not installed (it comes with ai-edge-litert)"
)
schema = pytest.importorskip(
    "ai_edge_litert.schema_py_generated", reason="comes with the extra: tools"
)

from tools.convert import bias_correction  # noqa: E402  # it needs ai-edge-litert
from tools.network.layout import HEADS, OUTPUTS  # noqa: E402

MODEL = ROOT / "models" / "anoncam-face-320x320.tflite"
PICTURES = [np.full((320, 320, 3), value, np.uint8) for value in (0, 120)]


def numbered() -> bytes:
    """A shipped model with its outputs numbered, as the exporter leaves them."""
    tree = schema.ModelT.InitFromPackedBuf(MODEL.read_bytes(), 0)
    for entry in tree.signatureDefs[0].outputs:
        entry.name = f"output_{OUTPUTS.index(entry.name.decode())}".encode()
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def outputs(model: bytes) -> list[NDArray[np.float32]]:
    return bias_correction._Runner(model).run((PICTURES[1] ^ 0x80).view(np.int8))


def test_an_output_that_is_always_too_high_is_lowered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    too_high = [np.full(HEADS[name.partition("_")[0]], 0.3) for name in OUTPUTS]
    monkeypatch.setattr(bias_correction, "_errors", lambda *_: too_high)
    before, after = (
        outputs(numbered()),
        outputs(bias_correction.correct_bias(numbered(), b"", PICTURES)),
    )
    for name, one, other in zip(OUTPUTS, before, after, strict=True):
        # The objectness of a grey picture is at the end of its range.
        if not name.startswith("obj"):
            assert float(np.median(one - other)) == pytest.approx(0.3, abs=0.1), name


def test_a_model_without_mean_error_is_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        bias_correction,
        "_errors",
        lambda *_: [np.zeros(HEADS[name.partition("_")[0]]) for name in OUTPUTS],
    )
    for one, other in zip(
        outputs(numbered()),
        outputs(bias_correction.correct_bias(numbered(), b"", PICTURES)),
        strict=True,
    ):
        np.testing.assert_array_equal(one, other)


def test_only_cells_that_may_be_faces_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(
        self: bias_correction._Runner, values: NDArray[np.generic]
    ) -> list[NDArray[np.float32]]:
        rough = values.dtype == np.int8
        heads = []
        for name in OUTPUTS:
            head = np.full((1, 2, 2, HEADS[name.partition("_")[0]]), -9.0, np.float32)
            head[0, 0, 0] = 1.0
            # Wrong by 0.25 where there may be a face, by far more elsewhere.
            heads.append(head + np.where(head > 0, 0.25, 5.0).astype(np.float32) if rough else head)
        return heads

    monkeypatch.setattr(bias_correction._Runner, "run", run)
    for error in bias_correction._errors(MODEL.read_bytes(), MODEL.read_bytes(), PICTURES):
        np.testing.assert_allclose(error, 0.25)
