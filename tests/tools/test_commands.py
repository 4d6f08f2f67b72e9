"""The commands of the tools: each starts, and calls itself by the name that users type."""

import importlib.util
import re
import subprocess
import sys

import pytest

from tests.support.checkout import ROOT

# With the packages that the help needs, beyond those of the daemon.
COMMANDS: dict[str, tuple[str, ...]] = {
    "tools.bench": (),
    "tools.convert": (),
    "tools.convert.edgetpu": (),
    "tools.coverage": (),
    "tools.demo": ("skimage",),
    "tools.demo.fills": ("skimage",),
    "tools.demo.footage": ("skimage",),
    "tools.edgetpu": (),
    "tools.evaluate": (),
    "tools.fairness": ("scipy",),
    "tools.leakrate": (),
    "tools.leakrate.run_anoncam": (),
    "tools.leakrate.run_deface": (),
    "tools.manual": (),
    "tools.reidentify": ("cv2", "sklearn", "matplotlib"),
    "tools.reidentify.skin_tone": ("cv2", "sklearn"),
    "tools.train": (),
    "tools.train.mean": (),
}

LONGEST_MODULE = 300
LONGEST_COMMAND_LINE = 160


@pytest.mark.integration
@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_names_it_as_users_type_it_and_has_an_example(command: str) -> None:
    for package in COMMANDS[command]:
        pytest.importorskip(package, reason=f"{package} is not installed (make test-tools does it)")
    done = subprocess.run(
        [sys.executable, "-m", command, "--help"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    usage, _, rest = done.stdout.partition("\n")
    assert re.match(rf"(?i)usage: python -m {re.escape(command)}( |$)", usage)
    assert f"python -m {command} " in rest
    assert "\\b" not in rest, "the example is not on lines of its own"


@pytest.mark.integration
@pytest.mark.parametrize("command", ["tools.reidentify", "tools.reidentify.skin_tone"])
def test_a_package_that_is_missing_is_named_in_one_line(command: str) -> None:
    hidden = "import sys, runpy; sys.modules['cv2'] = sys.modules['sklearn'] = None"
    done = subprocess.run(
        [sys.executable, "-c", f"{hidden}; runpy.run_module({command!r}, run_name='__main__')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert "is not installed (pip install 'anoncam[tools]')" in done.stderr


def test_every_module_with_a_command_line_is_among_the_commands() -> None:
    found = set()
    for path in (ROOT / "tools").rglob("*.py"):
        if 'if __name__ == "__main__":' in path.read_text():
            parts = path.relative_to(ROOT).with_suffix("").parts
            found.add(".".join(part for part in parts if part != "__main__"))
    assert found == set(COMMANDS)


def test_every_command_that_is_named_in_docs_and_makefile_exists() -> None:
    pages = [ROOT / "Makefile", *ROOT.glob("*.md"), ROOT / "models" / "README.md"]
    for page in [*pages, *(ROOT / "docs").rglob("*.md")]:
        for name in re.findall(r"python -m (tools[a-z_.]*[a-z_])", page.read_text()):
            assert name in COMMANDS, f"{page.name} names {name}"
        for name in re.findall(r"\btools\.[a-z_.]*[a-z_]", page.read_text()):
            assert importlib.util.find_spec(name), f"{page.name} names {name}"


def test_modules_are_short() -> None:
    for path in (ROOT / "tools").rglob("*.py"):
        most = LONGEST_COMMAND_LINE if path.name == "__main__.py" else LONGEST_MODULE
        assert len(path.read_text().splitlines()) <= most, path
