"""What a process that is started here does not learn."""

import os

import pytest

from anoncam.processes.python_process import start_python


@pytest.mark.integration
@pytest.mark.parametrize("opens_stores", [False, True])
def test_only_what_opens_stores_gets_their_credentials(
    opens_stores: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    monkeypatch.setenv("ANONCAM__SOURCE__RTSP__URL", "rtsp://admin:hunter3@camera/1")
    reading, writing = os.pipe()
    # This module of Python does what it is told, and has been told to show its environment.
    process = start_python(
        "timeit",
        ["-n1", "-r1", "-s", "import os", f"os.write({writing}, repr(os.environ).encode())"],
        [writing],
        None,
        opens_stores=opens_stores,
    )
    os.close(writing)
    with os.fdopen(reading, "rb") as output:
        told = output.read()
    assert process.wait() == 0
    assert (b"hunter2" in told) is opens_stores
    assert b"hunter3" not in told
