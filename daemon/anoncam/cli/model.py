"""``anoncam model``: which models there are, and how one gets here and into use."""

from pathlib import Path

import click

from anoncam.config.folders import CONFIG_FILE

_EXAMPLE = """\b
Examples:
  anoncam model list
  sudo anoncam model use google-face-320x320
  sudo anoncam model fetch google-face-320x320 --from /media/stick
  anoncam model check mine_edgetpu.tflite
"""
_FROM = click.option(
    "--from",
    "sources",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Take the files from here (a file or a folder, repeatable), not from the network.",
)
_CONFIG = click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    default=CONFIG_FILE,
    show_default=True,
    help="The configuration of the daemon.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("model", epilog=_EXAMPLE)
def model() -> None:
    """List, fetch, choose and check face detectors.

    A fetched file is compared with the hash in the catalogue before anything loads it.
    """


@model.command("list", epilog="\b\nExample:\n  anoncam model list --json | jq '.[].name'\n")
@_CONFIG
@_JSON
def list_command(config_file: Path, as_json: bool) -> None:
    """List the models of the catalogue, and what is known of each."""
    from anoncam.cli.model_list import show_catalogue  # noqa: PLC0415

    show_catalogue(config_file, as_json=as_json)


@model.command("fetch", epilog="\b\nExample:\n  sudo anoncam model fetch google-face-320x320\n")
@click.argument("name")
@_FROM
def fetch_command(name: str, sources: tuple[Path, ...]) -> None:
    """Fetch the model NAME of the catalogue, for the whole machine as root, else for yourself.

    A broken download goes on where it ended. The variables https_proxy and no_proxy are honoured.
    """
    from anoncam.cli.model_fetch import fetch_by_name  # noqa: PLC0415

    fetch_by_name(name, sources)


@model.command("use", epilog="\b\nExample:\n  sudo anoncam model use google-face-320x320\n")
@click.argument("name")
@_FROM
@_CONFIG
def use_command(name: str, sources: tuple[Path, ...], config_file: Path) -> None:
    """Have the daemon use the model NAME, which is fetched if it is not here; auto undoes it.

    Writes a drop-in beside the configuration, config.d/model.yaml, which wins over it. The
    configuration itself is not touched.
    """
    from anoncam.cli.model_fetch import use  # noqa: PLC0415

    use(name, sources, config_file)


@model.command("check", epilog="\b\nExample:\n  anoncam model check mine_edgetpu.tflite\n")
@click.argument("file", type=click.Path(path_type=Path))
@_JSON
def check_command(file: Path, as_json: bool) -> None:
    """Tell what the model FILE is: known or not, its input, and whether all of it is on the TPU.

    A model that is not compiled is run once on the CPU. Ends with 4 if it cannot be used.
    """
    from anoncam.cli.model_check import check_file  # noqa: PLC0415

    check_file(file, as_json=as_json)
