"""The promises on the privacy page: each names its tests, and its figures are those in force."""

import re
from pathlib import Path

from anoncam.evidence import chain, sidecars
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.segment_counters import MOST_CHANGES
from tests.support.checkout import ROOT
from tests.support.evidence_folder import record, records

PAGE = (ROOT / "docs/privacy.md").read_text()


def test_the_page_names_its_tests() -> None:
    assert len(set(re.findall(r"`(test_\w+)`", PAGE))) > 30


def test_every_promise_names_a_test() -> None:
    promises = PAGE.split("## What is not promised")[0].split("\n**")[1:]
    assert len(promises) == 11
    assert all(re.search(r"^- `test_\w+`$", promise, re.MULTILINE) for promise in promises)


def test_the_fields_that_the_page_explains_are_those_of_a_sidecar(tmp_path: Path) -> None:
    record(tmp_path, 1, KeyFile(tmp_path / "state"))
    table = PAGE.split("| field | |\n|---|---|\n")[1].split("\n\n")[0]
    explained = {
        name for line in table.splitlines() for name in re.findall(r"`(\w+)`", line.split("|")[1])
    }
    assert explained == set(records(tmp_path)[-1]) - {"segment", "written"}


def test_the_bounds_that_the_page_states_are_those_in_force() -> None:
    text = " ".join(PAGE.split())
    assert f"the newest {sidecars.MOST_ORPHANS:,} of these" in text
    assert f"two files of {chain.LARGEST >> 20} MB" in text
    assert MOST_CHANGES == 10
    assert "At most ten" in text
