"""The recordings over the network: lists, ranges of files, and downloads with evidence."""

import asyncio
import hashlib
import os
import tarfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import TypeVar

from aiohttp import web

from anoncam.evidence.chain import lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.files.regular_file import open_regular
from anoncam.web import recordings
from anoncam.web.context import recordings_folder

T = TypeVar("T")

_PIECE = 1 << 20
_verified: dict[tuple[str, int, int], str] = {}
"""What was found for a file of that path, inode and time of the last change of its facts."""

_MOST_VERIFIED = 10_000


async def list_days(request: web.Request) -> web.StreamResponse:
    """The days with recordings."""
    return web.json_response(await _read(recordings.days, recordings_folder(request)))


async def list_segments(request: web.Request) -> web.StreamResponse:
    """The segments of a day (UTC)."""
    try:
        start, end = recordings.day_of(request.match_info["day"])
    except ValueError as error:
        raise web.HTTPNotFound(text="this is no day") from error
    folder = recordings_folder(request)
    return web.json_response(await _read(recordings.segments_between, folder, start, end))


async def list_fragments(request: web.Request) -> web.StreamResponse:
    """Where the fragments of a segment lie."""
    init, found = await _read(recordings.fragments, _file(request))
    return web.json_response({"init": init, "fragments": [asdict(each) for each in found]})


async def give_file(request: web.Request) -> web.StreamResponse:
    """A segment, or a range of it; of one that is being written, what there is."""
    response = web.FileResponse(_file(request))
    response.content_type = "video/mp4"
    return response


async def verify(request: web.Request) -> web.StreamResponse:
    """Whether the file is still what its record says."""
    return web.json_response({"state": await _read(_verify, _file(request))})


async def download(request: web.Request) -> web.StreamResponse:
    """The segment with its evidence, as a tar archive."""
    path, name = _file(request), request.match_info["name"]
    response = web.StreamResponse()
    response.content_type = "application/x-tar"
    stem = name.removesuffix(".mp4")
    response.headers["Content-Disposition"] = f'attachment; filename="{stem}.tar"'
    await response.prepare(request)
    evidence = list(recordings.evidence_files(path.parent, name))
    for each in (path, *evidence):
        await _add(response, each, name if each == path else each.name)
    await response.write(bytes(2 * tarfile.BLOCKSIZE))
    await response.write_eof()
    return response


async def _add(response: web.StreamResponse, path: Path, name: str) -> None:
    with open_regular(path) as file:
        # What is being written may grow meanwhile: the size is the one of now.
        entry = tarfile.TarInfo(name)
        entry.size = os.fstat(file.fileno()).st_size
        await response.write(entry.tobuf())
        left = entry.size
        while left:
            piece = await asyncio.to_thread(file.read, min(_PIECE, left))
            if not piece:
                raise web.HTTPInternalServerError(text="the file has shrunk")
            await response.write(piece)
            left -= len(piece)
        await response.write(bytes(-entry.size % tarfile.BLOCKSIZE))


def _verify(path: Path) -> str:
    facts = path.stat()
    # Whoever changes a file can set the time of the change, but not that of its facts.
    key = str(path), facts.st_ino, facts.st_ctime_ns
    if key not in _verified:
        known = read_chain(lines(path.parent)).segments.get(path.name)
        if path.suffix != ".mp4":
            return "being written"
        if known is None:
            return "without evidence"
        with open_regular(path) as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if len(_verified) >= _MOST_VERIFIED:
            _verified.clear()
        _verified[key] = "kept" if digest == known.sha256 else "altered"
    return _verified[key]


def _file(request: web.Request) -> Path:
    path = recordings.find(recordings_folder(request), request.match_info["name"])
    if path is None:
        raise web.HTTPNotFound(text="there is no such recording")
    return path


async def _read(function: Callable[..., T], *arguments: object) -> T:
    try:
        return await asyncio.to_thread(function, *arguments)
    except OSError as error:
        raise web.HTTPServiceUnavailable(
            text=f"the recordings cannot be read: {error.strerror or error}"
        ) from error
