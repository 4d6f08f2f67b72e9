"""Drop-ins: files beside a configuration that win over it, so that commands need not edit it."""

from pathlib import Path

from anoncam.config.config_file import read_file
from anoncam.config.keys import FIELDS, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.setting import Settings
from anoncam.config.yaml_nodes import value_of


def drop_in_folder(path: Path) -> Path:
    """The folder of the drop-ins of a configuration file.

    >>> drop_in_folder(Path("/etc/anoncam/config.yaml"))
    PosixPath('/etc/anoncam/config.d')
    """
    return path.with_suffix(".d")


def read_with_drop_ins(path: Path, problems: list[Problem]) -> Settings:
    """The settings of `path` and its drop-ins, of which the last one by name wins."""
    settings = read_file(path, problems)
    for drop_in in _drop_ins(path, problems):
        settings |= read_file(drop_in, problems)
    return settings


def overridden(path: Path) -> tuple[Problem, ...]:
    """Advice on settings that somebody has changed in `path` while a drop-in sets them."""
    own, all_settings = read_file(path, []), read_with_drop_ins(path, [])
    advice = []
    for key, setting in own.items():
        winner = all_settings[key]
        value = value_of(setting.node)
        if winner.place().name != str(path) and value not in (
            value_of(winner.node),
            FIELDS[key].default,
        ):
            what = f"has no effect, since {winner.place()} sets it too, and wins"
            advice.append(Problem(setting.place(), dotted(key), what))
    return tuple(advice)


def _drop_ins(path: Path, problems: list[Problem]) -> list[Path]:
    folder = drop_in_folder(path)
    try:
        files = sorted(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        what = f"cannot be read ({error.strerror}), must be a readable folder"
        problems.append(Problem(Place(str(folder)), "", what))
        return []
    return [file for file in files if file.suffix == ".yaml" and file.name[0] != "."]
