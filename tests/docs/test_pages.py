"""All pages of prose: their links, their lines, and the files and commands that they name."""

import importlib.util
import re
import shlex
from pathlib import Path

import click
import pytest

from anoncam.cli.main import commands
from tests.support.checkout import ROOT

PAGES = [
    *sorted(ROOT.glob("*.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "models").glob("*.md")),
]
EACH = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

CODE_ROOTS = (ROOT, ROOT / "daemon/anoncam", ROOT / "daemon", ROOT / "tests")
"""Where a path in a page may begin: docs name a module by its room."""


def prose(page: Path) -> list[str]:
    """The lines of a page outside of code blocks and tables; code blocks stay as empty lines."""
    lines = []
    fenced = False
    for line in page.read_text().splitlines():
        fence = line.startswith("```")
        fenced ^= fence
        is_code = fenced or fence or line.startswith("    ")
        lines.append("" if is_code or line.startswith("|") else line)
    return lines


def anchors(page: Path) -> set[str]:
    """The anchors of the headings of a page, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@EACH
def test_every_relative_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@EACH
def test_no_line_of_prose_is_longer_than_100_columns(page: Path) -> None:
    def shown(line: str) -> str:
        return re.sub(r"\]\([^)]*\)", "]", line)

    assert [line for line in prose(page) if len(shown(line)) > 100] == []


@EACH
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    text = page.read_text()
    paths = re.findall(r"`([a-z_0-9]+(?:/[a-z_0-9]+)*/[a-z_0-9]+\.py)`", text)
    assert [path for path in paths if not any((root / path).exists() for root in CODE_ROOTS)] == []
    for module in re.findall(r"python -m (tools(?:\.\w+)+)", text):
        spec = importlib.util.find_spec(module)
        assert spec is not None, module
        is_package = spec.submodule_search_locations is not None
        assert not is_package or importlib.util.find_spec(f"{module}.__main__"), module


@EACH
def test_every_test_that_a_page_names_exists(page: Path) -> None:
    defined = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    assert set(re.findall(r"`(test_\w+)`", page.read_text())) <= defined


@EACH
def test_every_command_that_a_page_shows_has_the_options_that_it_shows(page: Path) -> None:
    for line in re.findall(
        r"^ {4}(?:sudo |\.venv/bin/)*anoncam (?!is )(.*)", page.read_text(), re.MULTILINE
    ):
        command: click.Command = commands
        words = shlex.split(re.split(r"[|<>\\$&;]", line)[0], comments=True)
        while isinstance(command, click.Group) and words and not words[0].startswith("-"):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, line
            command = found
        known = {"--help", "-h", *(name for each in command.params for name in each.opts)}
        assert {word for word in words if word.startswith("-") and word != "-"} <= known, line


def test_a_command_of_the_checkout_reads_no_configuration_of_the_service() -> None:
    """A checkout has no /etc/anoncam/config.yaml, without which these commands end at once."""
    shown = re.findall(
        r"^ +\.venv/bin/anoncam ((?:run|detector|check-config) .*)",
        (ROOT / "README.md").read_text(),
        re.MULTILINE,
    )
    assert len(shown) == 3
    assert [line for line in shown if "config.yaml" not in line] == []


@EACH
def test_every_target_of_make_that_a_page_names_exists(page: Path) -> None:
    targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    named = re.findall(r"(?:`|^ {4}(?:sudo )?)make ([a-z][a-z-]*)", page.read_text(), re.MULTILINE)
    assert set(named) <= set(targets)


def test_every_decision_is_listed_in_order_by_its_title() -> None:
    folder = ROOT / "docs/decisions"
    rows = re.findall(
        r"^\| (\d+) \| \[(.+)\]\((.+)\) \|$", (folder / "README.md").read_text(), re.M
    )
    pages = sorted(folder.glob("[0-9]*.md"))
    expected = []
    for number, page in enumerate(pages, 1):
        assert page.name.startswith(f"{number:04d}-")
        title = page.read_text().splitlines()[0].removeprefix(f"# {number}. ")
        expected.append((str(number), title, page.name))
    assert rows == expected


def test_every_decision_has_all_its_parts() -> None:
    for page in (ROOT / "docs/decisions").glob("[0-9]*.md"):
        parts = re.findall(r"^\*\*(\w+)\.\*\*", page.read_text(), re.MULTILINE)
        assert parts == ["Context", "Decision", "Considered", "Consequences"], page.name
