"""The changelog has the form of Keep a Changelog, and a section for the present version."""

import re
import subprocess

import anoncam
from tests.support.checkout import ROOT

TEXT = (ROOT / "CHANGELOG.md").read_text()
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_every_section_is_a_version_with_its_date_and_unreleased_stands_first() -> None:
    headings = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    assert headings[0] == "[Unreleased]"
    assert all(re.fullmatch(r"\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", each) for each in headings[1:])
    assert set(re.findall(r"^### (.+)$", TEXT, re.MULTILINE)) <= KINDS


def test_no_section_has_a_kind_of_change_twice() -> None:
    for section in re.split(r"^## ", TEXT, flags=re.MULTILINE)[1:]:
        kinds = re.findall(r"^### (.+)$", section, re.MULTILINE)
        assert len(kinds) == len(set(kinds))


def test_the_present_version_is_the_newest_one_and_its_tag_is_accepted() -> None:
    newest = re.findall(r"^## \[(\d+\.\d+\.\d+)\]", TEXT, re.MULTILINE)[0]
    assert newest == anoncam.__version__
    subprocess.run([str(ROOT / "release/check-tag"), f"v{newest}"], check=True)
