"""Convert a checkpoint into the int8 TFLite files that the daemon runs."""

import json
from pathlib import Path

import click
import litert_torch
import numpy as np
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from anoncam.errors import AnoncamError
from tools.canonical import canonicalise
from tools.pictures import choose, read
from tools.quantise import quantise
from tools.yunet import OUTPUTS, STRIDES, YuNet, load_checkpoint

PROVENANCE = (
    "YuNet-n (Apache-2.0, trained on WIDER FACE), quantised to int8 with pictures of the WIDER FACE validation set"
)


class Size(click.ParamType):
    """WIDTHxHEIGHT, both multiples of the network's largest stride."""

    name = "WxH"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> tuple[int, int]:
        """Parse the text of an option."""
        try:
            width, height = (int(side) for side in value.split("x"))
        except ValueError:
            self.fail(f"{value!r} is not like 640x384", param, ctx)
        if min(width, height) <= 0 or width % STRIDES[-1] or height % STRIDES[-1]:
            self.fail(f"{value}: both sides must be multiples of {STRIDES[-1]}", param, ctx)
        return width, height


def to_float_tflite(network: YuNet, width: int, height: int) -> bytes:
    """The network as float TFLite, its input and outputs with the channels last."""
    channels_last = litert_torch.to_channel_last_io(network, args=[0]).eval()
    edge_model = litert_torch.convert(channels_last, (torch.zeros(1, height, width, 3),))
    return bytes(edge_model.model_content())


def convert(network: YuNet, pictures: list[NDArray[np.uint8]]) -> bytes:
    """The network as int8 TFLite, calibrated with `pictures` (uint8, all of the shape that it is made for)."""
    height, width, _ = pictures[0].shape
    model = quantise(to_float_tflite(network, width, height), pictures)
    return canonicalise(model, "image", OUTPUTS, "anoncam face detector")


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--size", "sizes", type=Size(), multiple=True, required=True, help="Input size; may be repeated.")
@click.option(
    "--calibrate",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of pictures with faces, as the camera will see them.",
)
@click.option("--count", default=128, show_default=True, help="Calibration pictures taken, spread over the folder.")
@click.option(
    "-o", "--output", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the models."
)
def main(checkpoint: Path, sizes: tuple[tuple[int, int], ...], folder: Path, count: int, output: Path) -> None:
    """Convert CHECKPOINT (YuNet-n, .pth) to anoncam-face-WxH.tflite with its sidecar .json, for each size.

    \b
    Example:
      python -m tools.convert yunet_n.pth --size 320x320 --size 640x384 --calibrate faces -o models
    """
    try:
        network = load_checkpoint(checkpoint)
        paths = choose(folder, count)
        output.mkdir(parents=True, exist_ok=True)
        for width, height in tqdm(sizes, desc="converting", unit="model"):
            model = convert(network, list(read(paths, width, height)))
            name = output / f"anoncam-face-{width}x{height}"
            name.with_suffix(".tflite").write_bytes(model)
            sidecar = {"head": "yunet", "color": "rgb", "provenance": PROVENANCE, "license": "Apache-2.0"}
            name.with_suffix(".json").write_text(json.dumps(sidecar, indent=2) + "\n")
    except AnoncamError as error:
        raise click.ClickException(str(error)) from error


if __name__ == "__main__":
    main()
