"""The command line of `python -m tools.evaluate`."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from anoncam.config.schema import Config
from tools.common.errors import errors_in_one_line
from tools.network.layout import Size
from tools.network.size_option import parse_sizes


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  python -m tools.evaluate --model models/anoncam-face-320x320.tflite --model yunet_n.pth \\
      --size 320x320 --data faces/val -o report
""",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="Checkpoint (.pt, .pth), .tflite, .mlpackage or .mlmodel; repeat it for several.",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Pictures, with their labels in the folder or beside it.",
)
@click.option(
    "--size",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    default=("640x640",),
    show_default=True,
    callback=parse_sizes,
    help="Input size of checkpoints, and the size to which they enlarge it; repeat it for several.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Score at which recall is counted.  [default: that of the daemon]",
)
@click.option("--turned", is_flag=True, help="Turn each picture by 90 degrees to the left first.")
@click.option("--count", type=click.IntRange(min=1), help="Only this many pictures, spread evenly.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for curves and misses.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    models: tuple[Path, ...],
    data: Path,
    sizes: list[Size],
    threshold: float | None,
    turned: bool,
    count: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure average precision, recall, falsely covered area and latency of detectors.

    Average precision follows the protocol of WIDER FACE, by its difficulties and by face height.
    """
    if threshold is None:
        threshold = Config().coverage.single_threshold
    with errors_in_one_line():
        # Imported here: torch takes seconds, and the help is shown without it too.
        from tools.evaluate.evaluation import lines  # noqa: PLC0415
        from tools.evaluate.report import evaluate_files  # noqa: PLC0415

        found = []
        for evaluation in evaluate_files(
            models, data, sizes, threshold, count, output, turned=turned
        ):
            found.append(evaluation)
            if not as_json:
                click.echo("\n".join(lines(evaluation, threshold)))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))


if __name__ == "__main__":
    main()
