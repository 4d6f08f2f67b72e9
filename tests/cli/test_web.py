"""The commands that set up the page."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_a_password_is_read_from_a_pipe(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "anoncam", "web", "password", "--folder", str(tmp_path)]
    set_ = subprocess.run(
        command, input="long enough 1\n", capture_output=True, text=True, check=True
    )
    assert "restart anoncam-web" in set_.stdout
    short = subprocess.run(command, input="short\n", capture_output=True, text=True, check=False)
    assert (short.returncode, "10 to 200 characters" in short.stderr) == (3, True)


def test_a_port_that_is_taken_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    import socket  # noqa: PLC0415

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        folders = ("--folder", tmp_path, "--runtime-folder", tmp_path)
        ended = anoncam("web", "run", *folders, "--port", port, environment=dict(os.environ))
    assert (ended.returncode, "choose another by --port" in ended.stderr) == (5, True)


def test_the_page_imports_nothing_that_handles_frames() -> None:
    code = (
        "import sys, anoncam.web.server\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('anoncam.')}\n"
        "assert not rooms & {'frames', 'sources', 'anonymizer', 'pipeline', 'recording'}, rooms\n"
        "assert not {'numpy', 'av'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
