"""The command line: one file per command."""

import click

from anoncam import __version__


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="anoncam")
def main() -> None:
    """A camera that cannot leak faces: records anonymized video only."""
