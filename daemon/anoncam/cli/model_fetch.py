"""The work of ``anoncam model fetch`` and ``use``."""

import contextlib
import os
import sys
from pathlib import Path
from typing import NoReturn

from tqdm import tqdm

from anoncam.catalogue.catalogue import Entry, entry
from anoncam.catalogue.fetch import fetch, take
from anoncam.catalogue.fetched import missing_files
from anoncam.catalogue.folders import folder_to_write
from anoncam.cli.output import show, show_error
from anoncam.config.given_settings import place_of
from anoncam.config.load import load
from anoncam.config.model_drop_in import choose_model, forget_model
from anoncam.config.problems import InvalidConfigError
from anoncam.detectors import model_file

RELOAD = "to put it in force: sudo systemctl reload anoncam"


def fetch_by_name(name: str, sources: tuple[Path, ...]) -> None:
    """Fetch a model and say where it is."""
    wanted = entry(name)
    if not wanted.files:
        show(f"{name} comes with anoncam: there is nothing to fetch")
        return
    folder = folder_to_write(os.environ)
    if sources:
        take(wanted, sources, folder)
    else:
        _download(wanted, folder)
    show(f"{name} is in {folder}, and its hashes are those of the catalogue")


def use(name: str, sources: tuple[Path, ...], config_file: Path) -> None:
    """Choose a model for the daemon, and say what it costs."""
    if name == "auto":
        removed = forget_model(config_file)
        show("anoncam chooses the model again" if removed else "no model was chosen")
        if removed:
            show(RELOAD)
        return
    wanted = entry(name)
    if sources or missing_files(wanted, os.environ):
        fetch_by_name(name, sources)
    found = model_file.find(name)
    before = _named_in(config_file)
    drop_in = choose_model(config_file, name)
    show(f"{drop_in} names {found.path}")
    if before not in ("auto", name):
        place = place_of(("detector", "model"), config_file, {})
        show(f"it wins over detector.model: {before} of {config_file}; see {place}")
    show(f"measured: {wanted.measured}")
    if wanted.weakness:
        show_error(f"beware: {wanted.weakness}")
        default = entry(model_file.DEFAULT_MODEL)
        show_error(f"beside it, {default.name} has {default.measured}, on the CPU")
    show(RELOAD)


def _named_in(config_file: Path) -> str:
    with contextlib.suppress(InvalidConfigError):
        return load(config_file if config_file.exists() else None, {}).detector.model
    return "auto"


def _download(wanted: Entry, folder: Path) -> None:
    bars: dict[str, tqdm[NoReturn]] = {}

    def report(name: str, done: int, total: int | None) -> None:
        if name not in bars:
            bars[name] = tqdm(
                desc=name,
                total=total,
                unit="B",
                unit_scale=True,
                file=sys.stderr,
                disable=not sys.stderr.isatty(),
            )
        bars[name].update(done - bars[name].n)

    try:
        fetch(wanted, folder, report)
    finally:
        for bar in bars.values():
            bar.close()
