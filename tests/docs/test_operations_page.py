import re

from anoncam.events.event import Event
from tests.support.checkout import ROOT

PAGE = (ROOT / "docs" / "operations.md").read_text()


def test_text_is_at_most_100_columns_wide_outside_of_tables_and_commands() -> None:
    lines = [line for line in PAGE.splitlines() if not line.startswith(("|", "    "))]
    assert [line for line in lines if len(line) > 100] == []


def test_every_event_that_the_page_names_exists() -> None:
    alarms = PAGE.partition("## What is worth an alarm")[2].partition("\n## ")[0]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+|crashed)`", alarms))
    assert len(named) > 10
    assert named <= set(map(str, Event))
