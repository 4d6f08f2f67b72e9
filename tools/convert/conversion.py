"""Conversions that only leave files behind that were compared with the checkpoint."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam import __version__
from tools.common.pictures import read
from tools.common.quiet import quiet
from tools.convert.export import to_int8_tflite
from tools.convert.verify import verify_coreml, verify_tflite
from tools.dataset.dataset import LabelledPicture
from tools.network.enlargement import for_size
from tools.network.layout import Size
from tools.network.yunet import YuNet

LICENSE = "Apache-2.0"

PROVENANCE = "YuNet-n, trained on WIDER FACE; quantised to int8 with pictures of the WIDER FACE validation set"
"""Where the shipped weights come from, and what the conversion added."""

_COMPARED = 16


@dataclass(frozen=True)
class Conversion:
    """A checkpoint, the pictures to calibrate with, those with labels to compare on, and where
    files go.
    """

    network: YuNet
    paths: list[Path]
    labelled: list[LabelledPicture]
    output: Path


SIDECAR = {"head": "yunet", "color": "rgb", "provenance": PROVENANCE, "license": LICENSE}
"""What the daemon and its users need to know beyond what the TFLite file itself tells."""


def convert_to_tflite(conversion: Conversion, size: Size) -> list[str]:
    """Write anoncam-face-WxH.tflite and its sidecar; what the comparison found.

    Raises:
        ModelError: the file is off, and was not written.
    """
    pictures = list(read(conversion.paths, size.width, size.height))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / f"anoncam-face-{size.width}x{size.height}.tflite"
        draft.write_bytes(to_int8_tflite(for_size(conversion.network, size), pictures))
        sidecar = draft.with_suffix(".json")
        sidecar.write_text(json.dumps(SIDECAR, indent=2) + "\n")
        found = verify_tflite(conversion.network, size, draft, _some(pictures), conversion.labelled)
        for file in (draft, sidecar):
            shutil.copyfile(file, conversion.output / file.name)
    return found


def convert_to_coreml(
    conversion: Conversion, size: Size, threshold: float, *, single_file: bool
) -> list[str]:
    """Write anoncam-face.mlpackage or, as a `single_file`, anoncam-face.mlmodel; what the
    comparison found.

    Raises:
        ModelError: the package is off, and was not written.
    """
    with quiet():
        from tools.convert.coreml import Description, save, to_coreml, to_single_file  # noqa: PLC0415 - not everyone makes one; it takes seconds

    arguments = (conversion.network, size, threshold, Description(__version__, PROVENANCE, LICENSE))
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / ("anoncam-face.mlmodel" if single_file else "anoncam-face.mlpackage")
        with quiet():
            if single_file:
                draft.write_bytes(to_single_file(*arguments))
            else:
                save(to_coreml(*arguments), draft)
        pictures = _some(list(read(conversion.paths[:_COMPARED], size.width, size.height)))
        found = verify_coreml(conversion.network, size, draft, pictures, conversion.labelled)
        final = conversion.output / draft.name
        if single_file:
            shutil.copyfile(draft, final)
        else:
            shutil.rmtree(final, ignore_errors=True)
            shutil.copytree(draft, final)
    return found


def _some(items: list[NDArray[np.uint8]]) -> list[NDArray[np.uint8]]:
    return items[:: max(1, len(items) // _COMPARED)][:_COMPARED]
