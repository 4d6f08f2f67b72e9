"""The command line of `python -m tools.convert`."""

from pathlib import Path

import click

from anoncam.config.schema import Config
from tools.common.errors import errors_in_one_line
from tools.common.pictures import choose
from tools.network.layout import Size
from tools.network.size_option import parse_sizes


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  python -m tools.convert yunet_n.pth --size 320x320@384x384 --size 640x384 \\
      --calibrate faces -o models
""",
)
@click.argument("checkpoint", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--size",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    required=True,
    callback=parse_sizes,
    help="Input size of a model in pixels, and the size to which the model enlarges it; repeat it"
    " for several models.",
)
@click.option(
    "--calibrate",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    required=True,
    help="Folder of pictures with faces, like those that the detector will get.",
)
@click.option(
    "--count",
    type=click.IntRange(min=1),
    default=128,
    show_default=True,
    help="Number of pictures to calibrate with, spread evenly over the folder.",
)
@click.option(
    "--verify",
    "labelled",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of labelled pictures to compare average precision on."
    "  [default: that of --calibrate, if it has labels]",
)
@click.option(
    "--to",
    "kinds",
    type=click.Choice(["tflite", "coreml", "mlmodel"]),
    multiple=True,
    default=("tflite",),
    show_default=True,
    help="Format; repeat it for several. CoreML (a package, or a single mlmodel) is made in the"
    " largest --size.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    help="Score that a confidence of 0.8 means in CoreML.  [default: that of the daemon]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder for the models. It is made if missing; models in it are replaced.",
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
    """Convert CHECKPOINT to TFLite for the daemon, in each size, and to CoreML for phones.

    TFLite files are called anoncam-face-WxH.tflite and have a sidecar .json. Each file is compared
    with the checkpoint on real pictures, and is not written if it deviates.
    """
    with errors_in_one_line():
        # Imported here: the libraries take seconds, and the help is shown without them too.
        from tools.convert.conversion import (  # noqa: PLC0415
            Conversion,
            convert_to_coreml,
            convert_to_tflite,
            labelled_pictures,
        )
        from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415

        pictures = labelled_pictures(labelled or folder, required=labelled is not None)
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


def _report(name: str, lines: list[str]) -> None:
    click.echo(f"{name}: verified")
    for line in lines:
        click.echo(f"  {line}")


if __name__ == "__main__":
    main()
