import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.events.printable import printable
from tests.support.terminal import UNSAFE, is_safe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("holiday.mp4", "holiday.mp4"),
        ("Ferien größer 家族 👪.mp4", "Ferien größer 家族 👪.mp4"),
        ("a\\b", "a\\b"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b2J", "\\x9b2J"),
        ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("\udcff\ud800", "\\udcff\\ud800"),
    ],
)
def test_unsafe_characters_are_escaped_and_all_others_stay(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text(st.one_of(st.sampled_from(UNSAFE), st.characters(codec=None))))
def test_any_text_becomes_one_safe_line_and_escaping_again_changes_nothing(text: str) -> None:
    shown = printable(text)
    assert is_safe(shown)
    assert len(shown.splitlines()) <= 1
    assert printable(shown) == shown
    shown.encode()  # no error
