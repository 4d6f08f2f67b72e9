import sys
from pathlib import Path

import pytest

from tools.common.processes import CommandError, measure

# Two processes that hold memory at the same time, for much longer than one sample takes.
FAMILY = """
import subprocess, sys
memory = "import time; held = b'x' * 60_000_000; time.sleep(1)"
child = subprocess.Popen([sys.executable, "-c", memory])
held = b"x" * 40_000_000
child.wait()
"""


def test_the_memory_of_all_processes_of_a_command_counts() -> None:
    assert measure([sys.executable, "-c", FAMILY]).peak > 100_000_000


def test_the_cpu_time_of_children_counts() -> None:
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    family = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    assert measure([sys.executable, "-c", family]).cpu > 0.3


def test_a_command_that_fails_is_an_error_with_the_end_of_its_stderr() -> None:
    with pytest.raises(CommandError, match=r"ended with 3: .*no such luck"):
        measure(
            [
                sys.executable,
                "-c",
                "import sys; print('no such luck', file=sys.stderr); sys.exit(3)",
            ]
        )


def test_a_missing_command_is_an_error_that_names_it(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="missing"):
        measure([str(tmp_path / "missing")])
