"""Who can still be told by an anonymized face: `python -m tools.reidentify`."""

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tools.dataset.formats import read_dataset
from tools.reidentify.attackers import ATTACKERS, Closer, Hidden, Situation, Vectors, join
from tools.reidentify.drawing import draw_frames, draw_rates, draw_sheet
from tools.reidentify.hiding import DEFAULT, HIDINGS, Hiding
from tools.reidentify.portraits import LandmarkFinder, Portrait, cut_portraits, read_people
from tools.reidentify.recognition import Recogniser
from tools.reidentify.scoring import Rate, rate, rate_among
from tools.reidentify.showing import show_moving, show_stills

VARIANTS = 4
"""How often an attacker sees each face that he learns from: each time with another box and another
secret."""

MOVING_VARIANTS = 2

GALLERIES = (10, 30, 60)
"""Sizes of the smaller galleries that the default is measured in."""

SHOWN = 6
"""Portraits on the contact sheet."""


@dataclass(frozen=True, eq=False)
class People:
    """All portraits, and what the recogniser says of them when they are clear."""

    gallery: list[Portrait]
    probes: list[Portrait]
    others: list[Portrait]
    gallery_clear: Vectors
    probes_clear: Vectors
    others_clear: Vectors


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  python -m tools.reidentify --rounds 1 --faces 500 --attacker naive --attacker parrot -o report",
)
@click.option(
    "--shared",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=os.environ.get("ANONCAM_SHARED", "../shared"),
    show_default=True,
    help="Folder of data/lfw (the people), data/faces/train (faces to learn from) and weights.",
)
@click.option(
    "--faces",
    type=click.IntRange(1),
    default=2500,
    show_default=True,
    help="Faces to learn from, at most.",
)
@click.option(
    "--hiding", "hidings", multiple=True, type=click.Choice(list(HIDINGS)), help="Default: all."
)
@click.option(
    "--attacker",
    "attackers",
    multiple=True,
    type=click.Choice(list(ATTACKERS)),
    help="Default: all.",
)
@click.option(
    "--rounds",
    type=click.IntRange(1),
    default=2,
    show_default=True,
    help="With new secrets and boxes each.",
)
@click.option(
    "--frames",
    multiple=True,
    type=click.IntRange(1),
    help="Show faces that move, and let the attackers average so many frames; repeat it for a curve.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the boxes and the motion.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for plot and figures.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    shared: Path,
    faces: int,
    hidings: tuple[str, ...],
    attackers: tuple[str, ...],
    rounds: int,
    frames: tuple[int, ...],
    seed: int,
    output: Path | None,
    as_json: bool,
) -> None:
    """Hide the faces of people in several ways, and count how often each attacker names the right
    one at once.
    """
    recogniser = Recogniser(shared / "weights/mobilefacenet.tflite")
    people = _read(
        shared / "data", LandmarkFinder(shared / "weights/yunet_n_dynamic.onnx"), recogniser, faces
    )
    chosen = [HIDINGS[name] for name in hidings or HIDINGS]
    names = attackers or tuple(ATTACKERS)
    counts = tuple(sorted(set(frames)))
    found = _attack(people, recogniser, chosen, names, rounds, counts, seed)
    tables = {
        count: {name: _rates(row, rate) for name, row in rows.items()}
        for count, rows in found.items()
    }
    galleries = {
        count: _galleries(rows[DEFAULT]) for count, rows in found.items() if DEFAULT in rows
    }
    if as_json:
        parts = {"hidings": tables, "galleries": galleries}
        click.echo(
            json.dumps({part: _figures(by_count) for part, by_count in parts.items()}, indent=2)
        )
    else:
        for count, rates in tables.items():
            title = f"{count} frames averaged" if counts else "still pictures"
            click.echo(_table(rates, title))
            if count in galleries:
                click.echo(f"\n{_table(galleries[count], f'{title}, {DEFAULT}')}\n")
    if output is not None:
        output.mkdir(parents=True, exist_ok=True)
        draw_sheet(chosen, people.probes[:SHOWN], output / "hidden.png")
        for count, rates in tables.items():
            draw_rates(rates, output / f"reidentified-{count}.png")
        for name in names if counts else ():
            curves = {
                hiding.name: {count: tables[count][hiding.name][name] for count in counts}
                for hiding in chosen
            }
            draw_frames(curves, output / f"frames-{name.replace(', ', '-')}.png")


def _read(data: Path, finder: LandmarkFinder, recogniser: Recogniser, faces: int) -> People:
    gallery, probes = read_people(data / "lfw", finder)
    pictures = read_dataset(data / "faces/train").pictures
    others: list[Portrait] = []
    for portrait in cut_portraits(
        tqdm(pictures, "faces to learn from", unit="picture", disable=None), finder
    ):
        others.append(portrait)
        if len(others) == faces:
            break
    embed = recogniser.embed_portraits
    return People(
        gallery,
        probes,
        others,
        embed(gallery),
        embed(probes),
        embed(tqdm(others, "clear", disable=None)),
    )


def _attack(
    people: People,
    recogniser: Recogniser,
    hidings: Sequence[Hiding],
    attackers: Sequence[str],
    rounds: int,
    counts: Sequence[int],
    seed: int,
) -> dict[int, dict[str, dict[str, list[list[Closer]]]]]:
    """What each attacker says, by frames averaged (1 for stills), hiding, attacker, round and
    direction.
    """
    found: dict[int, dict[str, dict[str, list[list[Closer]]]]] = {
        count: {hiding.name: {attacker: [] for attacker in attackers} for hiding in hidings}
        for count in counts or (1,)
    }
    for hiding in hidings:
        for number in range(rounds):
            random = np.random.default_rng([seed, number])
            for count, pair in _situations(people, recogniser, hiding, counts, random).items():
                for attacker, said in found[count][hiding.name].items():
                    said.append([ATTACKERS[attacker](each) for each in pair])
    return found


def _situations(
    people: People,
    recogniser: Recogniser,
    hiding: Hiding,
    counts: Sequence[int],
    random: np.random.Generator,
) -> dict[int, tuple[Situation, ...]]:
    """What the attackers are given, with the probes as probes and with gallery and probes
    exchanged.
    """
    known = range(len(people.gallery))
    unknown = range(len(known), len(known) + len(people.others))
    sets = [
        (people.gallery, known, people.gallery_clear),
        (people.probes, known, people.probes_clear),
    ]
    shown = [_show(hiding, *each, counts, random) for each in sets]
    sets.append((people.others, unknown, people.others_clear))
    variants = MOVING_VARIANTS if counts else VARIANTS
    jobs = tqdm(
        [each for each in sets for _ in range(variants)], hiding.name, leave=False, disable=None
    )
    learning = [_show(hiding, *each, counts, random) for each in jobs]
    situations: dict[int, tuple[Situation, ...]] = {}
    for count in shown[0]:
        gallery, probes = (each[count] for each in shown)
        learnt = join([each[count] for each in learning])
        pairs = (probes, gallery), (gallery, probes)
        situations[count] = tuple(Situation(*pair, learnt, recogniser) for pair in pairs)
    return situations


def _show(
    hiding: Hiding,
    portraits: list[Portrait],
    people: Sequence[int],
    clear: Vectors,
    counts: Sequence[int],
    random: np.random.Generator,
) -> dict[int, Hidden]:
    if counts:
        return show_moving(portraits, people, clear, hiding.make(), random, counts)
    return {1: show_stills(portraits, people, clear, hiding.make(), random)}


def _rates(
    row: Mapping[str, list[list[Closer]]], measure: Callable[[NDArray[np.bool_]], Rate]
) -> dict[str, Rate]:
    return {attacker: measure(np.array(said)) for attacker, said in row.items()}


def _galleries(row: Mapping[str, list[list[Closer]]]) -> dict[str, dict[str, Rate]]:
    """By the number of people among whom the right one is to be found."""
    people = len(next(iter(row.values()))[0][0])
    smaller = [count for count in GALLERIES if count < people]
    rates = {f"{count} people": _rates(row, partial(rate_among, count=count)) for count in smaller}
    return {**rates, f"all {people}": _rates(row, rate)}


def _figures(tables: Mapping[int, Mapping[str, Mapping[str, Rate]]]) -> dict[int, Any]:
    return {
        count: {
            name: {attacker: asdict(found) for attacker, found in row.items()}
            for name, row in rates.items()
        }
        for count, rates in tables.items()
    }


def _table(rates: dict[str, dict[str, Rate]], title: str) -> str:
    """In Markdown, with the worst attacker's interval in the last column."""
    attackers = list(next(iter(rates.values())))
    lines = [
        f"| {title} | {' | '.join(attackers)} | worst, of chance |",
        "|---" * (len(attackers) + 2) + "|",
    ]
    for name, row in rates.items():
        worst = max(row.values(), key=lambda each: each.rate)
        cells = " | ".join(str(row[attacker]) for attacker in attackers)
        lines.append(f"| {name} | {cells} | {worst.rate / worst.chance:.1f} times |")
    return "\n".join(lines)


if __name__ == "__main__":
    main()
