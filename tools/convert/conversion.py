"""Conversions that write a file only after it has been compared with the checkpoint."""

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam import __version__
from anoncam.errors import InputError
from tools.common.pictures import read
from tools.common.quiet import quiet
from tools.convert.tflite import to_int8_tflite
from tools.convert.verification import verify_coreml, verify_tflite
from tools.dataset.dataset import LabelledPicture
from tools.dataset.formats import read_dataset
from tools.network.enlargement import for_size
from tools.network.layout import Size
from tools.network.yunet import YuNet

LICENSE = "Apache-2.0"

PROVENANCE = (
    "YuNet-n, trained on WIDER FACE; quantised to int8 with pictures of the WIDER FACE"
    " validation set"
)
"""Where the shipped weights come from, and what the conversion did."""

_COMPARED = 16
"""Pictures on which the heads are compared."""


@dataclass(frozen=True)
class Conversion:
    """What is converted, the pictures to calibrate with and to compare on, the output folder."""

    network: YuNet
    paths: list[Path]
    labelled: list[LabelledPicture]
    output: Path


SIDECAR = {"head": "yunet", "color": "rgb", "provenance": PROVENANCE, "license": LICENSE}
"""What the daemon and its users need to know that is not in the TFLite file."""


def labelled_pictures(folder: Path, *, required: bool) -> list[LabelledPicture]:
    """Read about 200 labelled pictures of `folder`; none if it has no labels and may have none.

    Raises:
        InputError: labels are `required` but missing.
    """
    try:
        dataset = read_dataset(folder)
    except InputError:
        if required:
            raise
        return []
    # Enough to measure half a point; evaluating a CoreML program takes a while.
    step = max(1, len(dataset.pictures) // 200)
    return dataset.pictures[::step]


def convert_to_tflite(conversion: Conversion, size: Size) -> list[str]:
    """Write anoncam-face-WxH.tflite and its sidecar, and return the figures of the comparison.

    Raises:
        ModelError: the file deviates from the checkpoint, and was not written.
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
    """Write anoncam-face.mlpackage, or anoncam-face.mlmodel as a `single_file`.

    Returns:
        The figures of the comparison.

    Raises:
        ModelError: the model deviates from the checkpoint, and was not written.
    """
    with quiet():
        # Imported here: coremltools takes seconds, and TFLite does not need it.
        from tools.convert.coreml import save, to_coreml, to_single_file  # noqa: PLC0415
        from tools.convert.coreml_pipeline import Description  # noqa: PLC0415

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
