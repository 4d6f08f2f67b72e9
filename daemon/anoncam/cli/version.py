"""``anoncam --version``: the version, the commit it was built from, and the model it comes with."""

import subprocess
from pathlib import Path

import click

import anoncam
from anoncam.cli.output import show
from anoncam.detectors import model_file
from anoncam.errors import ModelError

UNKNOWN = "unknown"


def show_version(context: click.Context) -> None:
    """Print it, and end the command."""
    show(f"anoncam {anoncam.__version__}", f"commit {commit()}", f"model {_model()}")
    context.exit()


def commit(package: Path = Path(anoncam.__file__).parent) -> str:
    """The commit that was built, or that is checked out; with -dirty if files were changed."""
    written = package / "commit.txt"
    if written.exists():
        return written.read_text().strip()
    checkout = package.parents[1]
    if not (checkout / ".git").exists():
        return UNKNOWN
    command = ["git", "-C", str(checkout), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(
            [*command, "--exclude=*"], capture_output=True, text=True, check=True, timeout=10
        )
    except (OSError, subprocess.SubprocessError):
        return UNKNOWN
    return done.stdout.strip()


def _model() -> str:
    try:
        model = model_file.find("auto")
    except ModelError:
        return UNKNOWN
    return f"{model.name}, sha256 {model.sha256}"
