"""The catalogue: one data file that lists every model that is known by name."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from anoncam.errors import ModelError

FILE = Path(__file__).with_name("catalogue.json")


@dataclass(frozen=True)
class CatalogueFile:
    """A file of a model: its `name` on this machine, and where it comes from.

    `blob` is its hash in git, in hexadecimal. The hash covers the size too.
    """

    name: str
    address: str
    blob: str


@dataclass(frozen=True)
class Entry:
    """A model of the catalogue; one that comes with anoncam has no `files` to fetch.

    `runs_on` is "cpu" or "coral". `measured` says how good it is and by whom that was measured.
    """

    name: str
    about: str
    input: str
    runs_on: str
    licence: str
    measured: str
    weakness: str = ""
    origin: str = ""
    commit: str = ""
    head: str = ""
    files: tuple[CatalogueFile, ...] = ()


def entries(file: Path = FILE) -> tuple[Entry, ...]:
    """Every model of the catalogue, those that come with anoncam first."""
    return tuple(
        Entry(**{**each, "files": tuple(CatalogueFile(**one) for one in each.get("files", ()))})
        for each in json.loads(file.read_text())["models"]
    )


def entry(name: str, file: Path = FILE) -> Entry:
    """The model of that name.

    Raises:
        ModelError: the catalogue has none.
    """
    known = {each.name: each for each in entries(file)}
    if name not in known:
        raise ModelError(f"the catalogue has no model {name}", f"it has {', '.join(known)}")
    return known[name]


def blob_hash(content: bytes) -> str:
    """The hash that git gives to a file with this content, in hexadecimal.

    Source: "Git Internals - Git Objects" in Pro Git. SHA-1 is what the origin publishes; the length
    stands in the hashed text, and the kinds of collision that are known need a prepared original.
    """
    hashed = hashlib.sha1(b"blob %d\0" % len(content), usedforsecurity=False)
    hashed.update(content)
    return hashed.hexdigest()
