"""What the tests of the service share: the real daemon, and a service manager."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemons import Start, daemons


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Start]:
    """Starts daemons in the test's folder."""
    with daemons(tmp_path) as start:
        yield start


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """The socket of a service manager, at `notify`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(30)
        yield listening
