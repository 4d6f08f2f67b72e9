"""The command line: one file per command."""

import sys

import click

from anoncam import __version__
from anoncam.commands.anonymize import anonymize_command
from anoncam.commands.audit import audit_command
from anoncam.commands.check_config import check_config
from anoncam.commands.detect import detect
from anoncam.commands.doctor import doctor
from anoncam.commands.events import events
from anoncam.commands.run import run
from anoncam.commands.snapshot import snapshot
from anoncam.commands.status import status_command
from anoncam.commands.verify import verify_command
from anoncam.config.problems import InvalidConfigError
from anoncam.errors import AnoncamError
from anoncam.redaction import redact


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="anoncam")
def commands() -> None:
    """A camera that cannot leak faces: records anonymized video only."""


commands.add_command(anonymize_command)
commands.add_command(audit_command)
commands.add_command(check_config)
commands.add_command(detect)
commands.add_command(doctor)
commands.add_command(events)
commands.add_command(run)
commands.add_command(snapshot)
commands.add_command(status_command)
commands.add_command(verify_command)


def main() -> None:
    """Run the command line; an error that is meant for the user is one line and an exit code."""
    try:
        commands()
    except InvalidConfigError as error:
        # Each line begins with its place, for editors and people alike, as check-config prints it.
        click.echo(redact(str(error)), err=True)
        sys.exit(error.exit_code)
    except AnoncamError as error:
        click.echo(f"anoncam: {redact(str(error))}", err=True)
        sys.exit(error.exit_code)
