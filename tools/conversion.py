"""Conversions that only leave files behind that were compared with the checkpoint."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam import __version__
from tools.dataset import Labelled
from tools.export import to_int8_tflite
from tools.layout import FINE_STRIDE
from tools.pictures import read
from tools.quiet import quiet
from tools.verify import verify_coreml, verify_tflite
from tools.yunet import YuNet, for_input

LICENSE = "Apache-2.0"

_PUBLISHED = "YuNet-n, trained on WIDER FACE"
_FINE = f"{_PUBLISHED}; a level for the smallest faces, trained on pictures of the WIDER FACE validation set"
_QUANTISED = "quantised to int8 with pictures of the WIDER FACE validation set"

_COMPARED = 16


@dataclass(frozen=True)
class Conversion:
    """A checkpoint, the pictures to calibrate with, those with labels to compare on, and where files go."""

    network: YuNet
    paths: list[Path]
    labelled: list[Labelled]
    output: Path


def provenance_of(network: YuNet) -> str:
    """Where the shipped weights of `network` come from, and what the conversion added."""
    return f"{_FINE if FINE_STRIDE in network.strides else _PUBLISHED}; {_QUANTISED}"


def _sidecar(network: YuNet) -> dict[str, str]:
    """What the daemon and its users need to know beyond what the TFLite file itself tells."""
    return {"head": "yunet", "color": "rgb", "provenance": provenance_of(network), "license": LICENSE}


def convert_to_tflite(conversion: Conversion, width: int, height: int) -> list[str]:
    """Write anoncam-face-WxH.tflite and its sidecar; what the comparison found.

    Raises:
        ModelError: the file is off, and was not written.
    """
    network, pictures = for_input(conversion.network, width, height), list(read(conversion.paths, width, height))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"anoncam-face-{width}x{height}.tflite"
        draft.write_bytes(to_int8_tflite(network, pictures))
        sidecar = draft.with_suffix(".json")
        sidecar.write_text(json.dumps(_sidecar(network), indent=2) + "\n")
        found = verify_tflite(network, draft, _some(pictures), conversion.labelled)
        for file in (draft, sidecar):
            shutil.copyfile(file, conversion.output / file.name)
    return found


def convert_to_coreml(
    conversion: Conversion, width: int, height: int, threshold: float, *, single_file: bool
) -> list[str]:
    """Write anoncam-face.mlpackage or, as a `single_file`, anoncam-face.mlmodel; what the comparison found.

    Raises:
        ModelError: the package is off, and was not written.
    """
    with quiet():
        from tools.coreml import Description, save, to_coreml, to_single_file  # noqa: PLC0415 - not everyone makes one; it takes seconds

    network = for_input(conversion.network, width, height)
    arguments = (network, width, height, threshold, Description(__version__, provenance_of(network), LICENSE))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / ("anoncam-face.mlmodel" if single_file else "anoncam-face.mlpackage")
        with quiet():
            if single_file:
                draft.write_bytes(to_single_file(*arguments))
            else:
                save(to_coreml(*arguments), draft)
        pictures = _some(list(read(conversion.paths[:_COMPARED], width, height)))
        found = verify_coreml(network, draft, pictures, conversion.labelled)
        final = conversion.output / draft.name
        if single_file:
            shutil.copyfile(draft, final)
        else:
            shutil.rmtree(final, ignore_errors=True)
            shutil.copytree(draft, final)
    return found


def _some(items: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    return items[:: max(1, len(items) // _COMPARED)][:_COMPARED]
