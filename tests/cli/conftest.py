"""What the tests of the commands share: the real daemon."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.daemons import Start, daemons


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[Start]:
    """Starts daemons in the test's folder."""
    with daemons(tmp_path) as start:
        yield start
