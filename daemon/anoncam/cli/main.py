"""The command ``anoncam``: finds the command that is called, and reports its error."""

import importlib
import os
import sys
import traceback
from types import TracebackType
from typing import cast

import click

from anoncam.cli.output import show_error
from anoncam.config.problems import InvalidConfigError
from anoncam.errors import AnoncamError, InputError

_COMMANDS = {
    "anonymize": "anonymize_command",
    "audit": "audit_command",
    "bench": "bench_command",
    "check-config": "check_config",
    "coverage": "coverage",
    "detect": "detect",
    "detector": "detector",
    "doctor": "doctor",
    "events": "events",
    "evidence": "evidence",
    "metrics": "metrics",
    "model": "model",
    "mqtt": "mqtt",
    "review": "review_command",
    "rtsp": "rtsp",
    "run": "run",
    "service": "service",
    "snapshot": "snapshot",
    "status": "status_command",
    "upload": "upload",
    "verify": "verify_command",
    "web": "web",
}
"""The function of each command, in the module of its name."""


class _Commands(click.Group):
    """Imports the module of the called command only: importing all takes a tenth of a second."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"anoncam.cli.{name.replace('-', '_')}")
        return cast(click.Command, getattr(module, _COMMANDS[name]))


def _show_version(context: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        from anoncam.cli.version import show_version  # noqa: PLC0415

        show_version(context)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show version, commit and model, and exit.",
)
def commands() -> None:
    """A camera that cannot leak faces: records anonymized video only."""


def main() -> None:
    """Run the command line; an error for the user is printed on one line, with its exit code."""
    # Nothing here does linear algebra. Its threads in numpy would only delay the start.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    # pydantic would ask every package of this Python whether it extends pydantic, and load it.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    sys.excepthook = _show_crash
    try:
        sys.exit(commands(standalone_mode=False))
    except InvalidConfigError as error:
        # Each line begins with its place, as in check-config, so that editors find it.
        show_error(*map(str, error.problems))
        sys.exit(error.exit_code)
    except AnoncamError as error:
        show_error(f"anoncam: {error}")
        sys.exit(error.exit_code)
    except MemoryError:
        show_error("anoncam: there is not enough memory (close other programs, or use less input)")
        sys.exit(InputError.exit_code)
    except click.ClickException as error:
        _show_usage_error(error)
        sys.exit(error.exit_code)
    except click.Abort:
        show_error("Aborted!")
        sys.exit(1)


def _show_usage_error(error: click.ClickException) -> None:
    context: click.Context | None = getattr(error, "ctx", None)
    # Newer versions of click print the help of a command without arguments as an error.
    if isinstance(error, getattr(click.exceptions, "NoArgsIsHelpError", ())):
        error.show()
        return
    if context is not None:
        show_error(*context.get_usage().splitlines())
        show_error(f"Try '{context.command_path} --help' for help.", "")
    show_error(f"Error: {error.format_message()}")


def _show_crash(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Print a traceback as Python does, but safely: the error may quote the name of a file."""
    for part in traceback.format_exception(kind, error, trace):
        show_error(*part.rstrip("\n").split("\n"))
