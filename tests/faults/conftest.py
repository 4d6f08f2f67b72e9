"""What all faults start from: the film, and a daemon that records it over and over."""

from collections.abc import Callable, Iterator

import pytest

from tests.faults.checking import covered_without_fault
from tests.faults.filming import Film
from tests.faults.filming import film as make_film
from tests.support.running import RunningDaemon, anoncam


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Film:
    """The footage, with the faces that a run without faults covers."""
    folder = tmp_path_factory.mktemp("film")
    made = make_film(folder / "film.mp4")
    target = folder / "covered.mp4"
    ended = anoncam(
        "anonymize", made.path, "-o", target, environment={"STATE_DIRECTORY": str(folder / "state")}
    )
    assert ended.returncode == 0, ended.stderr
    covered = covered_without_fault(made, target)
    missed = sum(map(len, made.faces)) - sum(map(len, covered.faces))
    assert missed == 0, f"{missed} faces show in a run without any fault"
    return covered


@pytest.fixture(scope="module")
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., RunningDaemon]]:
    """Starts daemons, each in a folder of its own; those that still run at the module's end are
    killed."""
    running: list[RunningDaemon] = []

    def start(
        config: str, environment: dict[str, str] | None = None, spoiled_by: str = ""
    ) -> RunningDaemon:
        folder = tmp_path_factory.mktemp("daemon")
        running.append(RunningDaemon(folder, config, environment, spoiled_by))
        return running[-1]

    yield start
    for each in running:
        each.kill()
