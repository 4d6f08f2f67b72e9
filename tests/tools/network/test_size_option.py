import click
import pytest

from tools.network.layout import Size
from tools.network.size_option import parse_sizes


def parse(*values: str) -> list[Size]:
    command = click.Command("convert")
    return parse_sizes(click.Context(command), click.Option(["--size"]), values)


def test_a_size_is_of_the_input_and_of_what_the_model_enlarges_it_to() -> None:
    plain, enlarging = parse("640x384", "320x320@384x416")
    assert plain == Size(640, 384, 640, 384)
    assert enlarging == Size(320, 320, 384, 416)
    assert (plain.enlarges, enlarging.enlarges) == (False, True)


@pytest.mark.parametrize("text", ["640x384", "320x320@384x384"])
def test_a_size_is_written_as_it_is_read(text: str) -> None:
    assert [str(size) for size in parse(text)] == [text]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("640", "not of the form"),
        ("640x-384", "not of the form"),
        ("640x384@", "not of the form"),
        ("640x360", "multiples of 32"),
        ("0x32", "multiples of 32"),
        ("320x320@400x400", "multiples of 32"),
        ("320x320@384x288", "can enlarge its input but not make it smaller"),
    ],
)
def test_a_size_that_no_model_can_have_is_refused(text: str, problem: str) -> None:
    with pytest.raises(click.BadParameter, match=problem):
        parse(text)
