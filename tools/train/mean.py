"""The mean of the weights of two checkpoints: `python -m tools.train.mean`."""

from pathlib import Path

import click

from tools.common.errors import errors_in_one_line

_CHECKPOINT = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Example:
  python -m tools.train.mean models/anoncam-face.pt run/best.pt -o run/mean.pt
""",
)
@click.argument("first", type=_CHECKPOINT)
@click.argument("second", type=_CHECKPOINT)
@click.option(
    "--share",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Share of SECOND in the mean.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="Checkpoint to write.",
)
def main(first: Path, second: Path, share: float, output: Path) -> None:
    """Write the mean of the weights of two checkpoints, FIRST and SECOND.

    Half way between the weights from which training began and those with which it ended, a network
    often detects better than with either.
    """
    with errors_in_one_line():
        # Imported here: torch takes seconds, and the help is shown without it too.
        from tools.network.checkpoint import load_checkpoint, save_checkpoint  # noqa: PLC0415
        from tools.train.weight_average import move_towards  # noqa: PLC0415

        network = load_checkpoint(first)
        move_towards(network, load_checkpoint(second), share)
        save_checkpoint(network, output, {"mean": {str(first): 1 - share, str(second): share}})


if __name__ == "__main__":
    main()
