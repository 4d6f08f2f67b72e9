"""The package for the Pi's own architecture, run by qemu: too slow to record, enough to see that it
works."""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.frames.frame import tight
from tests.support.portrait import portrait_frame
from tests.system import roots
from tests.system.packages import Build

pytestmark = pytest.mark.timeout(900)

SETTINGS = {"ANONCAM__DETECTOR__RESULT_TIMEOUT": "60", "ANONCAM__SOURCE__TYPE": "synthetic"}


@dataclass(frozen=True)
class Foreign:
    """The files of a machine of another architecture."""

    root: Path

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command there to its end, with /proc but without /sys, which would show this
        machine's processor."""
        enter = [
            "unshare",
            "--mount",
            "--pid",
            "--fork",
            "--net",
            f"--root={self.root}",
            "--mount-proc",
        ]
        settings = [f"{name}={value}" for name, value in SETTINGS.items()]
        return subprocess.run(
            [*enter, "env", "-i", "PATH=/usr/sbin:/usr/bin", *settings, *command],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )


@pytest.fixture(scope="module")
def foreign(package: Build, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Foreign]:
    """A machine with arm64's files, those of the package among them."""
    subprocess.run(["update-binfmts", "--enable", "qemu-aarch64"], check=True)
    work = tmp_path_factory.mktemp("arm64")
    root, changes, scratch = (work / name for name in ("root", "changes", "scratch"))
    for folder in (root, changes, scratch):
        folder.mkdir()
    layers = f"lowerdir={roots.foreign('trixie')},upperdir={changes},workdir={scratch}"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, root], check=True)
    try:
        subprocess.run(["dpkg-deb", "--extract", package("trixie", "arm64"), root], check=True)
        _compile(root)
        yield Foreign(root)
    finally:
        subprocess.run(["umount", root], check=True)


def _compile(root: Path) -> None:
    """Compile its Python as the installation would: by this processor's Python of the same suite,
    at full speed."""
    native = roots.bootable("trixie")
    folders = ["/mnt/usr/lib/python3", "/mnt/usr/lib/python3.13", "/mnt/usr/lib/anoncam/lib"]
    compiling = ["chroot", str(native), "python3", "-m", "compileall", "-q", "-s", "/mnt", *folders]
    script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    command = [
        "unshare",
        "--mount",
        "sh",
        "-c",
        script,
        "sh",
        str(root),
        f"{native}/mnt",
        *compiling,
    ]
    # Some files of the packages are not meant for this Python, and fail.
    subprocess.run(command, check=False, capture_output=True)


@pytest.fixture(scope="module")
def portrait(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A picture of a face."""
    path = tmp_path_factory.mktemp("portrait") / "portrait.png"
    frame, _ = portrait_frame(tight(640, 360))
    planes = np.concatenate([plane.reshape(-1) for plane in (frame.luma, *frame.chroma)])
    av.VideoFrame.from_ndarray(planes.reshape(540, 640), "yuv420p").to_image().save(path)  # type: ignore[no-untyped-call]
    return path


def test_every_module_of_the_daemon_can_be_imported_there(foreign: Foreign) -> None:
    walk = (
        "import importlib, pkgutil, anoncam, av, numpy, ai_edge_litert.interpreter\n"
        "names = [module.name for module in pkgutil.walk_packages(anoncam.__path__, 'anoncam.')]\n"
        "names = [name for name in names if not name.endswith('__main__')]\n"
        "print(len([importlib.import_module(name) for name in names]))"
    )
    imported = foreign.run("/usr/lib/anoncam/bin/python3", "-I", "-c", walk)
    assert imported.returncode == 0, imported.stderr
    assert int(imported.stdout) > 80


def test_one_inference_there_gives_the_same_boxes_as_here(foreign: Foreign, portrait: Path) -> None:
    (foreign.root / "root/portrait.png").write_bytes(portrait.read_bytes())
    there = foreign.run("/usr/bin/anoncam", "detect", "--json", "/root/portrait.png")
    assert there.returncode == 0, there.stderr
    here = subprocess.run(
        [sys.executable, "-m", "anoncam", "detect", "--json", portrait],
        check=True,
        capture_output=True,
        text=True,
    )
    (found,), (expected,) = json.loads(there.stdout).values(), json.loads(here.stdout).values()
    assert len(found) == len(expected) == 1
    # Rounding differs by a step of int8 between the two processors' kernels. A step of the size is
    # the factor e to the power of 0.0182 at most, by the scales of the model's boxes.
    step = 0.0184 * max(expected[0]["box"][2:])
    assert np.allclose(found[0]["box"], expected[0]["box"], atol=step)
    assert abs(found[0]["score"] - expected[0]["score"]) < 0.02


def test_check_config_and_doctor_work_there(foreign: Foreign) -> None:
    checked = foreign.run("/usr/bin/anoncam", "check-config", "/etc/anoncam/config.yaml")
    assert checked.returncode == 0, checked.stderr
    ended = foreign.run("/usr/bin/anoncam", "doctor", "--json")
    findings = json.loads(ended.stdout)["findings"]
    assert {finding["check"] for finding in findings} >= {
        "config",
        "camera",
        "detector",
        "encoder",
        "disk",
        "clock",
    }
    assert all("cannot be checked" not in finding["what"] for finding in findings)
