"""``anoncam check-config``: is this configuration good, and what is wrong with it?"""

import json
import os
from pathlib import Path

import click

from anoncam.config.advice import advise
from anoncam.config.changes import changes
from anoncam.config.folders import CONFIG_FILE
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError, Problem
from anoncam.config.schema import Config
from anoncam.detectors.model_check import check_model

EXAMPLE = """\b
Example:
  $ anoncam check-config garden.yaml
  garden.yaml:12: detector.rate: is 400, must be a number from 0 to 240 (frames per second)
"""


@click.command(epilog=EXAMPLE)
@click.argument("file", type=click.Path(path_type=Path), default=CONFIG_FILE)
@click.option(
    "--json", "as_json", is_flag=True, help="Print the verdict as JSON, on standard output."
)
def check_config(file: Path, as_json: bool) -> None:
    """Check a configuration FILE (/etc/anoncam/config.yaml) and the ANONCAM__SECTION__KEY variables
    set here.

    The model that it names must be on this machine.

    Prints every problem with its place on standard error, and ends with 2 if there is one, with 0
    otherwise. Advice on what is valid, but veils most frames, stands there too.
    """
    try:
        config = load(file, os.environ)
        check_model(config, file, os.environ)
        changed, advice = changes(Config(), config), advise(config, file, os.environ)
        problems: tuple[Problem, ...] = ()
    except InvalidConfigError as error:
        changed, advice, problems = (), (), error.problems
    if as_json:
        click.echo(json.dumps(_verdict(file, changed, problems, advice), indent=2))
    elif problems:
        click.echo("\n".join(map(str, problems)), err=True)
    else:
        # Keys only: a value may hold a password.
        differing = (
            f"{', '.join(changed)} differ"
            if len(changed) > 1
            else f"{changed[0] if changed else 'nothing'} differs"
        )
        click.echo(f"{file}: valid ({differing} from the defaults)")
        click.echo("".join(f"advice: {each}\n" for each in advice), err=True, nl=False)
    if problems:
        raise SystemExit(InvalidConfigError.exit_code)


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
