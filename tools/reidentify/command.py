"""The command line of `python -m tools.reidentify`."""

import json
import os
from pathlib import Path

import click

from tools.common.errors import errors_in_one_line
from tools.reidentify.attackers import ATTACKERS, STILL_ATTACKERS
from tools.reidentify.experiment import attack
from tools.reidentify.methods import DEFAULT, METHODS
from tools.reidentify.people import read_all
from tools.reidentify.plots import draw_frames, draw_rates, draw_sheet
from tools.reidentify.portraits import LandmarkDetector
from tools.reidentify.recogniser import Recogniser
from tools.reidentify.tables import (
    difference_table,
    differences,
    figures,
    gallery_rates,
    rates,
    table,
)

SHOWN = 6
"""Portraits on the sheet."""


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.reidentify --rounds 1 --faces 500 --attacker naive --attacker parrot -o report
  python -m tools.reidentify --hiding 'private, 5 rows (the default)' --hiding 'grey (the control)'
  python -m tools.reidentify --frames 30 --people 40 --faces 1 --attacker 'super-resolved, naive'
""",
)
@click.option(
    "--shared",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=os.environ.get("ANONCAM_SHARED", "../shared"),
    show_default=True,
    help="Folder with data/lfw (the people), data/faces/train (faces to learn from) and weights.",
)
@click.option(
    "--people",
    "named",
    type=click.IntRange(2),
    default=120,
    show_default=True,
    help="Most people to name.",
)
@click.option(
    "--faces",
    type=click.IntRange(1),
    default=2500,
    show_default=True,
    help="Most faces to learn from.",
)
@click.option(
    "--hiding",
    "hidings",
    multiple=True,
    type=click.Choice(list(METHODS)),
    help="Method to hide faces; repeat it for several.  [default: all]",
)
@click.option(
    "--attacker",
    "attackers",
    multiple=True,
    type=click.Choice(list(ATTACKERS)),
    help="Attacker; repeat it for several.  [default: all that the frames allow]",
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="Rounds, each with new secrets and boxes.",
)
@click.option(
    "--frames",
    multiple=True,
    type=click.IntRange(1),
    help="Show moving faces, and let attackers look at this many frames; repeat it for a curve.",
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Seed of the boxes and the motion."
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the plots.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    shared: Path,
    named: int,
    faces: int,
    hidings: tuple[str, ...],
    attackers: tuple[str, ...],
    rounds: int,
    frames: tuple[int, ...],
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Hide faces by several methods, and count how often each attacker names the right person."""
    chosen = [METHODS[name] for name in hidings or METHODS]
    counts = tuple(sorted(set(frames)))
    names = attackers or tuple(ATTACKERS if counts else STILL_ATTACKERS)
    with errors_in_one_line():
        recogniser = Recogniser(shared / "weights/mobilefacenet.tflite")
        detector = LandmarkDetector(shared / "weights/yunet_n_dynamic.onnx")
        people = read_all(shared / "data", detector, recogniser, named, faces)
    found = attack(people, recogniser, chosen, names, rounds, counts, seed)
    tables = {
        count: {name: rates(row) for name, row in rows.items()} for count, rows in found.items()
    }
    galleries = {
        count: gallery_rates(rows[DEFAULT]) for count, rows in found.items() if DEFAULT in rows
    }
    compared = {count: more for count, rows in found.items() if (more := differences(rows))}
    if as_json:
        content = {
            "hidings": figures(tables),
            "galleries": figures(galleries),
            "differences": figures(compared),
        }
        click.echo(json.dumps(content, indent=2))
    else:
        for count, by_method in tables.items():
            title = f"{count} frames" if counts else "still pictures"
            click.echo(table(by_method, title))
            if count in compared:
                click.echo(f"\n{difference_table(compared[count], f'{title}, beyond the control')}")
            if count in galleries:
                click.echo(f"\n{table(galleries[count], f'{title}, {DEFAULT}')}\n")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        draw_sheet(chosen, people.probes[:SHOWN], output / "hidden.png")
        for count, by_method in tables.items():
            draw_rates(by_method, output / f"reidentified-{count}.png")
        for name in names if counts else ():
            curves = {
                method.name: {count: tables[count][method.name][name] for count in counts}
                for method in chosen
            }
            draw_frames(curves, output / f"frames-{name.replace(', ', '-')}.png")
