from pathlib import Path

import pytest

from anoncam.errors import ModelError
from tools.edgetpu.compiler_log import MAPPED, read_log

LOGS = Path(__file__).parent / "logs"


def log(name: str) -> str:
    return (LOGS / f"{name}.txt").read_text()


def test_a_log_of_a_whole_model_has_no_problems() -> None:
    facts = read_log(log("whole-16"))
    assert (facts.version, facts.subgraphs, facts.operators) == ("16.0.384591198", 1, 31)
    assert len(facts.rows) == 5
    assert facts.problems == ()


def test_operators_that_are_left_on_the_cpu_are_named_with_the_reason() -> None:
    facts = read_log(log("left-on-cpu-16"))
    assert facts.on_cpu == 3
    assert len(facts.problems) == 3
    assert facts.problems[0].startswith("1 RESHAPE: Operation is otherwise supported")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("subgraphs: 1", "subgraphs: 2", "2 parts"),
        ("operations: 31", "operations: 32", "the table has 31 of 32 operators"),
        (
            "SOFTMAX                        1          Mapped to Edge TPU",
            "SOFTMAX                        1          More than one subgraph is not supported",
            "1 SOFTMAX: More than one subgraph",
        ),
        (
            "CONV_2D                        15         Mapped to Edge TPU\n",
            "Number of operations that will run on CPU: 15\n",
            "15 operators",
        ),
    ],
)
def test_a_log_that_is_not_whole_has_a_problem(old: str, new: str, problem: str) -> None:
    text = log("whole-16")
    assert old in text
    assert any(each.startswith(problem) for each in read_log(text.replace(old, new)).problems)


@pytest.mark.parametrize("name", ["no-table-15", "not-quantized-15"])
def test_a_log_without_the_mapping_is_an_error(name: str) -> None:
    with pytest.raises(ModelError, match="does not report what was mapped"):
        read_log(log(name))


def test_the_word_for_mapped_is_the_compilers() -> None:
    assert MAPPED in log("left-on-cpu-16")
