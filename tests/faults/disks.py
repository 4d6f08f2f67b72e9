"""A small disk of its own, with a real file system, for whoever may mount one."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SIZE = 40 << 20


class SmallDisk:
    """An ext4 file system in a file, mounted at `path`."""

    def __init__(self, image: Path, path: Path) -> None:
        self.path = path
        self._image = image
        path.mkdir(parents=True)
        with image.open("wb") as file:
            file.truncate(SIZE)
        _run("mkfs.ext4", "-q", "-F", "-m", "0", image)
        self.mount()

    def mount(self) -> None:
        """Plug it in."""
        _run("mount", "-o", "loop", self._image, self.path)

    def unmount(self) -> None:
        """Pull it out, whoever may be using it."""
        _run("umount", "--lazy", self.path)

    def break_down(self) -> None:
        """Turn it read-only in the middle of all writing, as the kernel does it after an error."""
        _run("mount", "-o", "remount,abort", self.path)

    def repair(self) -> None:
        """Replace the one that broke down by another with the same content."""
        self.unmount()
        # Whoever has copied the table of mounts meanwhile, such as a container, holds the broken
        # one for longer.
        self._image = Path(shutil.copy(self._image, f"{self._image}+"))
        self.mount()

    def fill(self) -> None:
        """Write somebody else's file until nothing more fits."""
        assert self.path.is_mount(), "this would fill the disk of the machine"
        with (self.path / "ballast").open("wb", buffering=0) as file:
            for size in (1 << 20, 1 << 10, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    def empty(self) -> None:
        """Delete that file again."""
        (self.path / "ballast").unlink()


@contextmanager
def small_disk(image: Path, path: Path) -> Iterator[SmallDisk]:
    """A disk, for as long as it is needed; skips the test where none can be mounted."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a disk")
    try:
        disk = SmallDisk(image, path)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no disk can be mounted here: {error}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=False, capture_output=True)
        for path_of_image in image.parent.glob(f"{image.name}*"):
            path_of_image.unlink()


def _run(*command: str | Path) -> None:
    subprocess.run([*map(str, command)], check=True, capture_output=True)
