"""The command line of `python -m tools.coverage`."""

import json
from pathlib import Path

import click
from tqdm import tqdm

from anoncam.config.load import load
from tools.common.errors import errors_in_one_line
from tools.coverage.measurement import measure


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  python -m tools.coverage footage.mp4 --config config.yaml",
)
@click.argument(
    "clips", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True),
    help="Settings of anoncam.  [default: the shipped defaults]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(clips: tuple[Path, ...], config_file: Path | None, as_json: bool) -> None:
    """Count the labelled faces that the pipeline covers in CLIPS, and the area that it covers.

    The labels of a clip are in the JSON file of the same name beside it.
    """
    with errors_in_one_line():
        config = load(config_file, {})
        results = [measure(clip, config) for clip in tqdm(clips, unit="clip", disable=None)]
    if as_json:
        click.echo(json.dumps([vars(result) for result in results], indent=2))
        return
    for result in results:
        part = f"{result.covered / result.faces:7.2%}" if result.faces else "      -"
        click.echo(
            f"{result.clip:45} {result.covered:5} of {result.faces:5} face-frames {part}"
            f"   {result.area:6.2%} of the area   {result.veiled} of {result.frames} frames veiled"
        )
    faces = sum(result.faces for result in results)
    if faces:
        covered = sum(result.covered for result in results)
        click.echo(f"{'all':45} {covered:5} of {faces:5} face-frames {covered / faces:7.2%}")


if __name__ == "__main__":
    main()
