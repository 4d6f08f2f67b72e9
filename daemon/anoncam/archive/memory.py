"""How much memory jobs need side by side, before they start."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from anoncam.config.schema import Config
from anoncam.errors import InputError, StoreError
from anoncam.frames.frame import tight
from anoncam.pipeline.memory_need import file_need
from anoncam.sources.process.questions import read_header
from anoncam.stores.place import Place


def largest_need(places: Iterable[Place], config: Config) -> int:
    """Bytes that the largest of the files needs, as their headers say; one job has one file."""
    return max((_need(place, config) for place in places), default=0)


def _need(place: Place, config: Config) -> int:
    try:
        header = read_header(place, config.files)
    except (InputError, StoreError):
        # It is told when the file is read.
        return 0
    picture = replace(tight(header.width, header.height), frame_rate=header.rate)
    return file_need(picture, config, is_picture=header.is_picture)


def available_memory(meminfo: Path = Path("/proc/meminfo")) -> int | None:
    """Bytes that can be used without swapping; None if the kernel does not say."""
    try:
        lines = meminfo.read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("MemAvailable:")]
    return int(found[0]) * 1024 if found else None
