"""A short, always equal run of the fuzzer: whatever is read, only clear errors come of it."""

from pathlib import Path

import pytest

from anoncam.errors import InputError
from anoncam.sources.process.media_process import DEFAULT_LIMITS, FileProcess
from anoncam.sources.process.messages import Opened
from tests.fuzz.fuzzing import attack
from tests.fuzz.mutation import mutate
from tests.fuzz.target import Target
from tests.fuzz.targets import clear, targets

pytestmark = pytest.mark.integration

INPUTS = 400


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> list[Target]:
    return targets(tmp_path_factory.mktemp("corpus"))


def test_nothing_that_is_read_ends_in_an_unclear_error(
    everything: list[Target], tmp_path: Path
) -> None:
    findings = [
        finding
        for target in everything
        for seed in range(INPUTS)
        if (finding := attack(target, seed, tmp_path)) is not None
    ]
    assert list(map(str, findings)) == []


def test_the_corpus_has_many_kinds_and_each_is_read(
    everything: list[Target], tmp_path: Path
) -> None:
    for target in everything:
        for data in target.corpus:
            (tmp_path / "input").write_bytes(data)
            target.read(tmp_path / "input")
    assert len(everything[0].corpus) > 20


def test_a_fault_is_found(tmp_path: Path) -> None:
    def read(path: Path) -> None:
        if not path.read_bytes().isascii():
            raise ZeroDivisionError

    faulty = Target("faulty", [b"plain text"], read, (InputError,))
    assert any(attack(faulty, seed, tmp_path) for seed in range(50))


@pytest.mark.parametrize(
    ("module", "request_", "content"),
    [
        ("tests.support.liars", "open", "its end"),
        ("tests.support.liars", "open", "garbage"),
        ("anoncam.sources.process.worker", "open", "a request without its fields"),
        ("anoncam.sources.process.worker", "header", "a request without its fields"),
    ],
)
def test_a_fault_of_the_process_that_reads_is_found(
    module: str, request_: str, content: str, tmp_path: Path
) -> None:
    def read(path: Path) -> None:
        path.write_text(content)
        with FileProcess(path, DEFAULT_LIMITS, module=module) as process:
            process.ask(Opened, request_)

    faulty = Target("faulty", [b"x"], clear(read), (InputError,))
    assert attack(faulty, 0, tmp_path) is not None


def test_the_same_seed_gives_the_same_input() -> None:
    data = bytes(range(256))
    assert mutate(data, [data], 7) == mutate(data, [data], 7)
    assert len({mutate(data, [data], seed) for seed in range(50)}) > 40
