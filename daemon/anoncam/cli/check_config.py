"""``anoncam check-config``: is a configuration valid, and what is wrong with it?"""

import os
import stat
from pathlib import Path

import click

from anoncam.cli.output import show, show_error, show_json
from anoncam.cli.which_daemon import camera_option, config_of
from anoncam.config.advice import advise
from anoncam.config.changes import changes
from anoncam.config.environment import misspelled_variables
from anoncam.config.folders import CONFIG_FILE
from anoncam.config.given_settings import place_of
from anoncam.config.keys import dotted
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError, Place, Problem
from anoncam.config.schema import Config
from anoncam.detectors.model_check import check_model
from anoncam.doctor import memory_need
from anoncam.doctor.check import Machine, Verdict
from anoncam.events.redaction import redact
from anoncam.pipeline.memory_need import KEYS, configured_format
from anoncam.sources.camera_login import problem_of

_OTHERS = stat.S_IRWXG | stat.S_IRWXO

EXAMPLE = """\b
Example:
  $ anoncam check-config garden.yaml
  garden.yaml:12: detector.rate: is 400, must be a number from 0 to 240 (frames per second)
"""


@click.command(epilog=EXAMPLE)
@camera_option
@click.argument("file", type=click.Path(path_type=Path), default=CONFIG_FILE)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the verdict as JSON, on standard output."
)
def check_config(camera: str | None, file: Path, as_json: bool) -> None:
    """Check a configuration FILE [default: /etc/anoncam/config.yaml].

    The variables ANONCAM__SECTION__KEY of the environment are checked, too. The model that the file
    names must be on this machine.

    Prints every problem with its place on standard error. Ends with 2 if there is one, else with 0.
    Also prints advice on valid settings that would veil most frames.
    """
    file = config_of(camera, file)
    try:
        config = load(file, os.environ)
        check_model(config, file, os.environ)
        _check_password(config, file)
        changed = changes(Config(), config)
        advice = (
            *advise(config, file, os.environ),
            *_memory_advice(config, file),
            *_password_advice(config, file),
        )
        problems: tuple[Problem, ...] = ()
    except InvalidConfigError as error:
        # A variable with a wrong name may be the cause of the problems.
        changed, advice, problems = (), misspelled_variables(os.environ), error.problems
    if as_json:
        show_json(_verdict(file, changed, problems, advice))
    elif problems:
        show_error(*map(str, problems), *_lines(advice))
    else:
        # Keys only: a value may hold a password.
        differing = (
            f"{', '.join(changed)} differ"
            if len(changed) > 1
            else f"{changed[0] if changed else 'nothing'} differs"
        )
        show(f"{file}: valid ({differing} from the defaults)")
        show_error(*_lines(advice))
    if problems:
        raise SystemExit(InvalidConfigError.exit_code)


def _lines(advice: tuple[Problem, ...]) -> list[str]:
    return [f"advice: {each}" for each in advice]


def _check_password(config: Config, file: Path) -> None:
    """Look at the file of the camera's password.

    Raises:
        InvalidConfigError: it cannot be used, or others can read it.
    """
    name = config.source.password_file
    problem = problem_of(name, os.environ) if name else ""
    if problem:
        place = place_of(("source", "password_file"), file, os.environ)
        raise InvalidConfigError([Problem(place, "source.password_file", problem)])


def _password_advice(config: Config, file: Path) -> list[Problem]:
    """Advice if others may read the password that stands in the file, or in one of its drop-ins."""
    address, key = config.source.address or "", ("source", "address")
    place = place_of(key, file, os.environ)
    # A variable is no file.
    mode = stat.S_IMODE(Path(place.name).stat().st_mode) if Path(place.name).exists() else 0
    if redact(address) == address or not mode & _OTHERS:
        return []
    what = (
        f"holds a secret, and others may read this file (mode {mode:04o}): keep the password in"
        " source.password_file"
    )
    return [Problem(place, dotted(key), what)]


def _memory_advice(config: Config, file: Path) -> list[Problem]:
    """Advice if this machine has too little memory for the frames."""
    frame_format = configured_format(config)
    if frame_format is None:
        return []
    finding = memory_need.compare(frame_format, config, Machine())
    # The service has no limit on locked memory, and this is its file.
    of_user = finding.verdict is Verdict.NOTE and file != CONFIG_FILE
    if finding.verdict is not Verdict.PROBLEM and not of_user:
        return []
    places = {key: place_of(key, file, os.environ) for key in KEYS}
    written = [key for key, place in places.items() if place != Place(str(file))]
    key = written[0] if written else KEYS[0]
    what = "; ".join(filter(None, (finding.what, finding.cause, finding.remedy)))
    return [Problem(places[key], dotted(key), what)]


def _verdict(
    file: Path, changed: tuple[str, ...], problems: tuple[Problem, ...], advice: tuple[Problem, ...]
) -> dict[str, object]:
    return {
        "file": str(file),
        "valid": not problems,
        "changed": changed,
        "problems": list(map(_as_json, problems)),
        "advice": list(map(_as_json, advice)),
    }


def _as_json(problem: Problem) -> dict[str, object]:
    return {
        "place": problem.place.name,
        "line": problem.place.line or None,
        "key": problem.key,
        "what": problem.what,
    }
