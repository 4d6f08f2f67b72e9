"""How a command ends when something that can be expected goes wrong."""

import contextlib
import importlib
import sys
from collections.abc import Iterator

import click

from anoncam.errors import AnoncamError
from tools.common.processes import CommandError


@contextlib.contextmanager
def errors_in_one_line(extra: str = "tools") -> Iterator[None]:
    """Turn expected errors into one line on stderr and exit code 1, without a traceback.

    A package that is missing is named together with `extra`, the extra of anoncam that installs it.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed (pip install 'anoncam[{extra}]')"
        ) from error
    except (AnoncamError, CommandError, OSError) as error:
        raise click.ClickException(str(error)) from error


def start(module: str) -> None:
    """Run `main` of a module that needs packages of the extra `tools` as soon as it is imported."""
    try:
        with errors_in_one_line():
            main = importlib.import_module(module).main
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    main()
