"""Looks for further pictures in a confined process: the child's side."""

import socket
from dataclasses import asdict
from typing import Any

from anoncam.audit.further_pictures import find_further_pictures
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.process import early_imports
from anoncam.sources.process.replies import LONGEST_TEXT, NAMELESS, Reply
from anoncam.sources.process.worker import limits_of, reply_to_all

__all__ = ["early_imports", "serve"]


def serve(channel: socket.socket, descriptors: list[int]) -> None:
    """Look through the file that the descriptor stands for."""

    def look(request: dict[str, Any], _: list[int]) -> Reply:
        media = OpenFile(NAMELESS, descriptors[0])
        found = find_further_pictures(media, limits_of(request))
        return {
            "streams": list(found.streams),
            "files": [{**asdict(each), "base": base} for each, base in found.files],
            "unseen": [text[:LONGEST_TEXT] for text in found.unseen],
        }

    reply_to_all(channel, {"look": look})
