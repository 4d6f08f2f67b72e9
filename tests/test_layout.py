"""Every module has a room, is small, and is tested where one looks for its test."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

DAEMON = ROOT / "daemon" / "anoncam"
TOOLS = ROOT / "tools"
LARGEST = 300
MEDIAN = 90

TOP_LEVEL = {"__init__", "__main__", "clock", "errors"}

ADAPTERS = {
    "ai_edge_litert": {"detectors"},
    "tflite_runtime": {"detectors"},
    "pycoral": {"detectors", "doctor"},
    "distributed": {"archive"},
    "fsspec": {"stores"},
    "picamera2": {"sources"},
    "libcamera": {"sources"},
    "gi": {"rtsp"},
    "paho": {"mqtt"},
    "systemd": {"events", "service"},
}
"""The rooms that may import a vendor's library."""

WHOLE_ROOM = {
    "archive": {"chunks_are_one_pass", "stores"},
    "anonymizer": {"fills", "hidden_pixels"},
    "config": {"default_file"},
    "detectors": {"shipped_models", "shipped_models_operators"},
    "events": {"addresses_in_outputs", "catalog", "words_in_outputs"},
    "evidence": {"retention_evidence"},
    "pipeline": {"file_determinism", "hidden_pixels_in_files", "snapped_boxes"},
    "recording": {"refusing_file_systems", "slow_disk"},
    "service": {"recorded_counts", "refusing_file_systems"},
    "sources/libav": {"reach"},
    "sources/process": {"bombs"},
    "tools": {"commands", "end_to_end"},
    "tracking": {"camera_compensation"},
}
"""Tests of what a room does as a whole, by what they show."""

OTHER_TESTS = {"support", "faults", "system", "fuzz", "outlets", "docs", "release", "tools"}
"""Folders of tests that no room of the daemon has."""


def modules(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*.py") if path.name != "__init__.py")


def imported(path: Path) -> Iterator[tuple[str, bool]]:
    """The top-level names of all imports, and whether each is made when the module is imported."""
    tree = ast.parse(path.read_text())
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            yield name.partition(".")[0], node in tree.body


def test_only_what_every_room_needs_lies_outside_of_the_rooms() -> None:
    assert {path.stem for path in DAEMON.glob("*.py")} == TOP_LEVEL
    assert {path.stem for path in TOOLS.glob("*.py")} == {"__init__"}


def test_every_room_says_in_its_first_line_what_it_holds() -> None:
    for root in (DAEMON, TOOLS):
        for path in root.rglob("__init__.py"):
            assert ast.get_docstring(ast.parse(path.read_text())), path


@pytest.mark.parametrize("root", [DAEMON, TOOLS], ids=["daemon", "tools"])
def test_modules_are_small(root: Path) -> None:
    lengths = {path: len(path.read_text().splitlines()) for path in modules(root)}
    assert {str(path): length for path, length in lengths.items() if length > LARGEST} == {}
    assert statistics.median(lengths.values()) < MEDIAN


def test_a_vendors_library_is_imported_in_its_adapter_alone_and_never_at_the_top() -> None:
    for path in modules(DAEMON):
        for name, at_the_top in imported(path):
            if name in ADAPTERS:
                assert path.relative_to(DAEMON).parts[0] in ADAPTERS[name], f"{path}: {name}"
                assert not at_the_top, f"{path}: {name}"


def test_a_link_that_leads_to_itself_can_end_nothing() -> None:
    """Path.resolve raises an error of no kind that is caught; os.path.realpath does not."""
    for path in modules(DAEMON):
        calls = [
            node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)
        ]
        called = {node.func.attr for node in calls if isinstance(node.func, ast.Attribute)}
        assert "resolve" not in called, path


def test_a_test_lies_where_its_module_lies_and_bears_its_name() -> None:
    lost = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        place = path.relative_to(ROOT / "tests").parent
        if not place.parts or place.parts[0] in OTHER_TESTS - {"tools"}:
            continue
        room = TOOLS.parent / place if place.parts[0] == "tools" else DAEMON / place
        subject = path.stem.removeprefix("test_")
        names = {each.stem for each in room.glob("*.py")} | {room.name, *subrooms(room)}
        names |= WHOLE_ROOM.get(str(place), set())
        if not any(subject == name or subject.startswith(f"{name}_") for name in names):
            lost.append(str(path.relative_to(ROOT)))
    assert lost == []


def subrooms(room: Path) -> set[str]:
    return {each.name for each in room.iterdir() if each.is_dir()} if room.is_dir() else set()
