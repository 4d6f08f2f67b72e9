"""Compare the journal's catalog with the events and with the places that emit them."""

import ast
import re

from anoncam.events.event import Event, message_id
from tests.support.checkout import ROOT

ENTRY = re.compile(
    r"^-- ([0-9a-f]{32})\nSubject: (.+) \(([a-z-]+)\)\nDefined-By: anoncam\n", re.MULTILINE
)


def entries() -> dict[str, tuple[str, str]]:
    """Event by id: its name, and the text."""
    text = (ROOT / "systemd/anoncam.catalog").read_text()
    found = list(ENTRY.finditer(text))
    ends = [match.start() for match in found[1:]] + [len(text)]
    return {
        match[1]: (match[3], text[match.end() : end])
        for match, end in zip(found, ends, strict=True)
    }


def emitted() -> dict[str, set[str]]:
    """The fields with which each event is emitted somewhere; `**` stands for the counters."""
    fields: dict[str, set[str]] = {}
    for path in (ROOT / "daemon").rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text())):
            if not (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Name)
                and call.func.id == "emit"
            ):
                continue
            names = [
                node.attr for node in ast.walk(call.args[0]) if isinstance(node, ast.Attribute)
            ]
            # Where a variable holds the event, it is one of those that the module names.
            for name in names or [event.name for event in Event if event.name in path.read_text()]:
                given = {keyword.arg or "**" for keyword in call.keywords} - {"level"}
                fields.setdefault(name, set()).update(given)
    return fields


def test_every_event_has_an_entry_under_its_own_id_and_no_entry_is_left_over() -> None:
    assert {number: name for number, (name, _) in entries().items()} == {
        message_id(event): str(event) for event in Event
    }


def test_every_event_is_emitted_somewhere() -> None:
    assert {event.name for event in Event} == set(emitted())


def test_an_entry_names_only_fields_that_its_event_has() -> None:
    fields = emitted()
    for name, text in entries().values():
        named = {field.lower() for field in re.findall(r"ANONCAM_([A-Z0-9_]+)", text)}
        assert named <= fields[Event(name).name], name


def test_an_entry_says_what_to_do_in_lines_of_at_most_100_columns() -> None:
    for name, text in entries().values():
        assert len(text.split("\n\n", 1)[1].strip()) > 40, name
        assert max(map(len, text.splitlines())) <= 100, name


def test_an_event_that_an_entry_refers_to_is_one() -> None:
    names = {str(event) for event in Event}
    words = {
        word
        for _, text in entries().values()
        for word in re.findall(r"\b[a-z]+(?:-[a-z]+)+\b", text)
    }
    known = {"as-far", "anoncam-face", "read-only"}
    endings = tuple({name.rpartition("-")[2] for name in names if "-" in name})
    assert {word for word in words - known if word.endswith(endings)} <= names
