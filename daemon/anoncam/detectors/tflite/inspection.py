"""What a model file is, without running it: its input, its operators, and what maps to the TPU."""

from dataclasses import dataclass

import numpy as np

from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.tflite.runtime import import_runtime
from anoncam.errors import ModelError

TPU_OPERATOR = "edgetpu-custom-op"
POST_PROCESS = "TFLite_Detection_PostProcess"
"""Runs on the CPU behind the TPU: no compiler maps it."""


@dataclass(frozen=True)
class Inspection:
    """The facts of a model; `input_size` is width and height in pixels."""

    input_size: tuple[int, int]
    dtype: str
    operators: tuple[str, ...]

    @property
    def compiled(self) -> bool:
        """Whether any of it is compiled for the Edge TPU."""
        return TPU_OPERATOR in self.operators

    @property
    def left_on_cpu(self) -> tuple[str, ...]:
        """The operators of a compiled model that run on the CPU, but for the post-processing."""
        if not self.compiled:
            return ()
        return tuple(
            name for name in self.operators if name not in (TPU_OPERATOR, POST_PROCESS, "DELEGATE")
        )


def inspect(model: ModelFile, runtime: str = "auto") -> Inspection:
    """Read a model with the installed runtime.

    Raises:
        ModelError: it is damaged, or does not take one picture.
        DetectorError: no runtime is installed.
    """
    _, module = import_runtime(runtime)
    try:
        # Without tensors allocated, so the Edge TPU's operator needs no delegate.
        interpreter = module.Interpreter(model_content=model.content)
        # The runtimes have no public way to list the operators.
        operators = tuple(each["op_name"] for each in interpreter._get_ops_details())
        entries = interpreter.get_input_details()
    except (ValueError, RuntimeError) as error:
        raise ModelError(f"{model.path} cannot be read: {error}", "fetch it again") from error
    shape = [int(side) for side in entries[0]["shape"]] if len(entries) == 1 else []
    if len(shape) != 4 or shape[3] != 3:
        raise ModelError(f"{model.path} does not take one RGB picture: its input is {shape}")
    return Inspection((shape[2], shape[1]), np.dtype(entries[0]["dtype"]).name, operators)
