"""What the tests of the attackers share."""

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Keep linear algebra to one thread: several spin while they wait for each other."""
    threadpoolctl = pytest.importorskip("threadpoolctl", reason="it comes with scikit-learn")
    with threadpoolctl.threadpool_limits(1):
        yield
