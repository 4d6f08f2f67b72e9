"""The causes for which a network camera gives no pictures, and their table in the docs."""

import re

import pytest

from anoncam.sources.rtsp_causes import Cause, cause_of
from tests.support.checkout import ROOT

SECTION = "## When a network camera gives no pictures"


def rows() -> dict[str, str]:
    """What the table of the docs says: remedy by text."""
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.partition(SECTION)[2].partition("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", section, re.MULTILINE))


def test_the_docs_list_each_cause_with_its_remedy_and_no_other() -> None:
    assert rows() == {cause.text: cause.remedy for cause in Cause}


@pytest.mark.parametrize("code", range(300, 700))
def test_every_refusal_has_a_cause(code: int) -> None:
    assert cause_of(code) is not None


def test_a_reply_that_is_no_refusal_has_none() -> None:
    assert cause_of(200) is None


@pytest.mark.parametrize("cause", Cause)
def test_a_cause_and_its_remedy_are_short_words_for_people(cause: Cause) -> None:
    assert cause.remedy
    for words in ("Errno", "input/output", "invalid data", "None"):
        assert words.lower() not in f"{cause.text} {cause.remedy}".lower()
    assert str(cause.error("rtsp://camera/1", 999)).startswith(f"rtsp://camera/1: {cause.text}")
