"""One is not said as many."""

import pytest

from anoncam.events.counted import counted


@pytest.mark.parametrize(
    ("count", "name", "text"),
    [
        (0, "face", "0 faces"),
        (1, "face", "1 face"),
        (2, "face", "2 faces"),
        (1, "text (title)", "1 text (title)"),
        (2, "text (title, artist)", "2 texts (title, artist)"),
    ],
)
def test_one_is_singular_and_all_else_plural(count: int, name: str, text: str) -> None:
    assert counted(count, name) == text
