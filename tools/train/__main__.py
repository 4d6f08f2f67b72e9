"""The command line of `python -m tools.train`."""

from pathlib import Path
from typing import Any

import click

from tools.common.errors import errors_in_one_line
from tools.network.layout import Size
from tools.network.size_option import parse_sizes
from tools.train.plan_options import plan_of, plan_options

SHIPPED = Path(__file__).parents[2] / "models" / "anoncam-face.pt"


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.train --data my-pictures -o run
  python -m tools.train --data my-pictures --train heads --hard-negatives --rate 5e-4 -o run
""",
)
@click.option(
    "--data",
    type=_FOLDER,
    required=True,
    help="Pictures, with their labels in the folder or beside it.",
)
@click.option(
    "--validate",
    type=_FOLDER,
    help="Pictures to judge each epoch by.  [default: a tenth of --data]",
)
@click.option(
    "--init",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SHIPPED,
    help="Checkpoint to start from.  [default: models/anoncam-face.pt]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the run.",
)
@plan_options
@click.option(
    "--judge",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    default=("320x320@384x384", "640x640"),
    show_default=True,
    callback=parse_sizes,
    help="Input size to judge each epoch at; repeat it for several.",
)
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Threads of torch."
)
@click.option("--resume", is_flag=True, help="Resume from the last state in --output.")
def main(
    data: Path,
    validate: Path | None,
    init: Path,
    output: Path,
    sizes: list[Size],
    threads: int,
    resume: bool,
    **how: Any,  # noqa: ANN401 - the options of the plan
) -> None:
    """Train the detector on a folder of pictures with labelled faces.

    The labels are COCO JSON, Pascal VOC XML, WIDER text or CreateML JSON. The folder of the run
    gets last.pt, best.pt (by the mean of the average precisions) and curves.png.
    """
    plan = plan_of(how)
    with errors_in_one_line():
        # Imported here: torch takes seconds, and the help is shown without it too.
        import torch  # noqa: PLC0415

        from tools.train.run import read_datasets, run  # noqa: PLC0415

        torch.set_num_threads(threads)
        training, validation = read_datasets(data, validate)
        run(training, validation, init, output, plan, sizes=sizes, resume=resume)


if __name__ == "__main__":
    main()
