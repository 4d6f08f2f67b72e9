"""Detectors of model files, by the suffix of the file."""

from pathlib import Path

from anoncam.errors import ModelError
from tools.evaluate.coreml_detector import coreml_detector
from tools.evaluate.detectors import PictureDetector
from tools.evaluate.tflite_detector import tflite_detector
from tools.evaluate.torch_detector import torch_detector
from tools.network.checkpoint import load_checkpoint
from tools.network.layout import Size


def open_detectors(path: Path, sizes: list[Size]) -> list[PictureDetector]:
    """Open the model in `path`: a checkpoint at each of `sizes`, any other at its own size.

    Raises:
        ModelError: the file cannot be used, or its kind is not known.
    """
    if path.suffix == ".tflite":
        return [tflite_detector(path)]
    if path.suffix in (".mlpackage", ".mlmodel"):
        return [coreml_detector(path)]
    if path.suffix in (".pt", ".pth"):
        network = load_checkpoint(path)
        return [torch_detector(network, size, name=f"{path.name} {size}") for size in sizes]
    raise ModelError(
        f"{path}: not a known kind of model", "known are .pt, .pth, .tflite, .mlpackage, .mlmodel"
    )
