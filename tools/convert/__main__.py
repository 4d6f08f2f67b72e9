"""Convert a checkpoint into int8 TFLite files for the daemon and CoreML models for phones, and
verify them.
"""

from pathlib import Path

import click

from anoncam.config.schema import Config
from anoncam.errors import AnoncamError, InputError
from tools.common.pictures import choose
from tools.dataset.dataset import LabelledPicture
from tools.dataset.formats import read_dataset
from tools.network.layout import Size
from tools.network.size_option import parse_sizes


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--size",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    required=True,
    callback=parse_sizes,
    help="Input size of a model in pixels, and the size to which it enlarges that; repeat it for several models.",
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
    "--verify",
    "labelled",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Pictures with labels to compare average precision on.  [default: those of --calibrate, if labelled]",
)
@click.option(
    "--to",
    "kinds",
    type=click.Choice(["tflite", "coreml", "mlmodel"]),
    multiple=True,
    default=("tflite",),
    show_default=True,
    help="Format; repeat it for several. CoreML (a package, or a single mlmodel) is made in the largest --size.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Score that a confidence of 0.8 means in CoreML.  [default: the daemon's]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the models; made if it is missing, models in it are replaced.",
)
def main(
    checkpoint: Path,
    sizes: list[Size],
    folder: Path,
    count: int,
    labelled: Path | None,
    kinds: tuple[str, ...],
    threshold: float | None,
    output: Path,
) -> None:
    r"""Convert CHECKPOINT to anoncam-face-WxH.tflite and its sidecar .json for each size, and to
    CoreML.

    Each file is compared with the checkpoint on real pictures, and not written if it is off.

    \b Example: python -m tools.convert yunet_n.pth --size 320x320@384x384 --size 640x384
    --calibrate faces -o models
    """
    # Here, since these libraries take seconds to import, and not everyone who asks for --help has
    # them.
    try:
        from tools.convert.conversion import Conversion, convert_to_coreml, convert_to_tflite  # noqa: PLC0415
        from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed (pip install 'anoncam[tools]')"
        ) from error
    try:
        pictures = _labelled_pictures(labelled or folder, required=labelled is not None)
        conversion = Conversion(
            load_checkpoint(checkpoint), choose(folder, count), pictures, output
        )
        output.mkdir(parents=True, exist_ok=True)
        if "tflite" in kinds:
            for size in sizes:
                _report(
                    f"anoncam-face-{size.width}x{size.height}.tflite",
                    convert_to_tflite(conversion, size),
                )
        largest = max(sizes, key=lambda size: size.width * size.height)
        score = Config().coverage.single_threshold if threshold is None else threshold
        for kind, suffix in (("coreml", "mlpackage"), ("mlmodel", "mlmodel")):
            if kind in kinds:
                found = convert_to_coreml(conversion, largest, score, single_file=kind == "mlmodel")
                _report(f"anoncam-face.{suffix}", found)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed (pip install 'anoncam[tools]')"
        ) from error
    except (AnoncamError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _labelled_pictures(folder: Path, *, required: bool) -> list[LabelledPicture]:
    try:
        dataset = read_dataset(folder)
    except InputError:
        if required:
            raise
        return []
    # As many as tell half a point from chance; evaluating a CoreML program takes a while.
    step = max(1, len(dataset.pictures) // 200)
    return dataset.pictures[::step]


def _report(name: str, lines: list[str]) -> None:
    click.echo(f"{name}: verified")
    for line in lines:
        click.echo(f"  {line}")


if __name__ == "__main__":
    main()
