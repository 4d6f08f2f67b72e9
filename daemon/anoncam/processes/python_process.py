"""Starts another Python with a module of anoncam."""

import os
import subprocess
import sys
from collections.abc import Sequence

_SETTINGS = ("ANONCAM__",)
_CREDENTIALS = ("AWS_", "AZURE_", "FSSPEC_", "GCS", "GOOGLE_")
"""How the variables begin with which stores of archives are opened."""


def start_python(
    module: str,
    arguments: Sequence[str],
    descriptors: Sequence[int],
    stderr: int | None,
    *,
    opens_stores: bool = False,
) -> subprocess.Popen[bytes]:
    """Run `module` with `arguments` and the open `descriptors`; `stderr` is as in subprocess.

    Only what `opens_stores` gets the credentials for them that are in the environment.

    Raises:
        OSError: the process cannot be started.
    """
    # The child needs none of the settings, and some are secrets. Signals from the terminal are for
    # the parent alone.
    kept_out = _SETTINGS if opens_stores else (*_SETTINGS, *_CREDENTIALS)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(kept_out)
    }
    # A program that ignores PYTHON* has a child that ignores them.
    isolation = "-I" if sys.flags.isolated else "-P"
    return subprocess.Popen(
        [sys.executable, isolation, "-m", module, *arguments],
        pass_fds=tuple(descriptors),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        env=environment,
        start_new_session=True,
    )
