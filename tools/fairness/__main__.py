"""The command line of `python -m tools.fairness`."""

import json
import os
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import click

from anoncam.config.schema import Config
from anoncam.errors import InputError
from tools.common.errors import errors_in_one_line
from tools.dataset.formats import read_dataset
from tools.evaluate.tflite_detector import tflite_detector
from tools.fairness.groups import Group, groups
from tools.fairness.measurement import measure
from tools.fairness.tables import group_table

FACES = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "faces"


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.fairness ../shared/data/faces/train ../shared/data/faces/val -o fairness
  python -m tools.fairness --model anoncam-face-640x384 --threshold 0.15
""",
)
@click.argument("folders", nargs=-1, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--pictures", type=click.IntRange(1), help="Number of pictures.  [default: all]")
@click.option("--model", default="anoncam-face-640x640", show_default=True, help="TFLite model.")
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    default=Config().coverage.single_threshold,
    show_default=True,
    help="Score from which a detection counts: that of a single picture.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the plot and JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    folders: tuple[Path, ...],
    pictures: int | None,
    model: str,
    threshold: float,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure whom the detector misses, by what `attributes.csv` says of each face.

    The file lies beside the FOLDERS of labelled pictures.  [default: train and val]
    """
    with errors_in_one_line("bench"):
        if output is not None:
            # What is missing is reported before a measurement of minutes, not after it.
            import_module("tools.fairness.plots")
        used = folders or (FACES / "train", FACES / "val")
        labelled = [each for folder in used for each in read_dataset(folder).pictures]
        count = min(pictures or len(labelled), len(labelled))
        chosen = [labelled[number * len(labelled) // count] for number in range(count)]
        found = groups(measure(chosen, tflite_detector(Path(model)), threshold))
        if not found:
            raise InputError("no attribute of a face is known", "attributes.csv is missing")
        if output is not None:
            _write_report(found, output)
    if as_json:
        click.echo(_as_json(found))
    else:
        click.echo("\n".join(group_table(found)))


def _write_report(found: list[Group], folder: Path) -> None:
    # Imported here: only a report needs matplotlib.
    from tools.fairness.plots import plot_groups  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "fairness.json").write_text(_as_json(found))
    plot_groups(found, folder / "fairness.png")


def _as_json(found: list[Group]) -> str:
    return json.dumps([asdict(each) for each in found], indent=2)


if __name__ == "__main__":
    main()
