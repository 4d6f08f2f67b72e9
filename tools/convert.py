"""Convert a checkpoint into the int8 TFLite files that the daemon runs."""

import json
from pathlib import Path

import click
from tqdm import tqdm

from anoncam.errors import AnoncamError
from tools.options import parse_sizes
from tools.pictures import choose, read

SIDECAR = {
    "head": "yunet",
    "color": "rgb",
    "provenance": "YuNet-n, trained on WIDER FACE; quantised to int8 with pictures of the WIDER FACE validation set",
    "license": "Apache-2.0",
}
"""What the daemon and its users need to know beyond what the TFLite file itself tells."""


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--size",
    "sizes",
    metavar="WxH",
    multiple=True,
    required=True,
    callback=parse_sizes,
    help="Input size of a model in pixels; repeat it for several models.",
)
@click.option(
    "--calibrate",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of pictures with faces, like those the detector will see.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=128,
    show_default=True,
    help="Pictures to calibrate with, spread evenly over the folder.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the models; made if it is missing, models in it are replaced.",
)
def main(checkpoint: Path, sizes: list[tuple[int, int]], folder: Path, count: int, output: Path) -> None:
    r"""Convert CHECKPOINT (YuNet-n, .pth) to anoncam-face-WxH.tflite and its sidecar .json, for each size.

    \b
    Example:
      python -m tools.convert yunet_n.pth --size 320x320 --size 640x384 --calibrate faces -o models
    """
    # Here, since these libraries take seconds to import, and not everyone who asks for --help has them.
    try:
        from tools.export import to_int8_tflite  # noqa: PLC0415
        from tools.yunet import load_checkpoint  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is not installed (pip install 'anoncam[tools]')") from error
    try:
        network = load_checkpoint(checkpoint)
        paths = choose(folder, count)
        output.mkdir(parents=True, exist_ok=True)
        with tqdm(sizes, unit="model") as bar:
            for width, height in bar:
                bar.set_description(f"{width}x{height}")
                model = to_int8_tflite(network, list(read(paths, width, height)))
                _write(output / f"anoncam-face-{width}x{height}", model)
    except (AnoncamError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _write(stem: Path, model: bytes) -> None:
    stem.with_suffix(".tflite").write_bytes(model)
    stem.with_suffix(".json").write_text(json.dumps(SIDECAR, indent=2) + "\n")


if __name__ == "__main__":
    main()
