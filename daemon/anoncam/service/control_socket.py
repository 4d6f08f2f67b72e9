"""The daemon's Unix socket: gives anonymized pictures, and shows by its being there that the daemon
lives.

A client sends a line, `snapshot`; the answer is a line of JSON, {"size": bytes, "veil": reason} or
{"error": text}, and behind it the JPEG. A client that sends nothing only wants to know whether
somebody is there.
"""

import contextlib
import json
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from anoncam.errors import AnoncamError, NotRunningError
from anoncam.events.redaction import redact
from anoncam.service.snapshots import Snapshots

NAME = "control"

FRAME_WAIT = 5.0
"""Seconds that a client waits for the next frame."""

_PATIENCE = 2.0
_ANSWER_WAIT = 20.0


@dataclass(frozen=True)
class Now:
    """What the daemon does at this moment, for the answer; `waiting` is why there are no frames, if
    there are none.
    """

    waiting: str
    veil: str


class ControlServer:
    """Answers clients one after the other, from a thread of its own.

    Raises:
        OSError: the socket cannot be made in `folder`.
    """

    def __init__(self, folder: Path, snapshots: Snapshots, now: Callable[[], Now]) -> None:
        self._snapshots = snapshots
        self._now = now
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / NAME
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # Whoever holds the state folder may take the place of a socket that a crash has left.
            self._path.unlink(missing_ok=True)
            with _short(self._path) as address:
                self._listener.bind(address)
            # To connect takes the right to write; the folder decides who comes this far.
            self._path.chmod(0o660)
            self._listener.listen(4)
        except OSError:
            self._listener.close()
            raise
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Take the socket away."""
        self._path.unlink(missing_ok=True)
        # Wakes the thread from its wait, which closing alone would not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with client:
                client.settimeout(_PATIENCE)
                try:
                    self._serve(client)
                except OSError as error:
                    logging.getLogger(__name__).info("a client of the socket has gone: %s", error)

    def _serve(self, client: socket.socket) -> None:
        if client.recv(64).strip() != b"snapshot":
            return
        now = self._now()
        snapshot = None if now.waiting else self._snapshots.take(FRAME_WAIT)
        if snapshot is None:
            text = now.waiting or f"no frame was recorded within {FRAME_WAIT:g} s"
            answer: dict[str, object] = {"error": redact(text)}
        elif snapshot.problem:
            answer = {"error": redact(snapshot.problem)}
        else:
            answer = {"size": len(snapshot.jpeg), "veil": redact(self._now().veil)}
        client.sendall(json.dumps(answer).encode() + b"\n" + (snapshot.jpeg if snapshot else b""))


def is_alive(folder: Path) -> bool:
    """Whether a daemon holds the socket in `folder`.

    Raises:
        PermissionError: that may not be asked.
    """
    try:
        with _connected(folder):
            return True
    except (FileNotFoundError, NotADirectoryError, ConnectionRefusedError):
        return False
    except BlockingIOError:
        # Its queue is full, so there is one.
        return True


def take_snapshot(folder: Path) -> tuple[bytes, str]:
    """A JPEG from the daemon whose socket is in `folder`, and why it is veiled (empty if it is
    not).

    Raises:
        NotRunningError: the daemon has gone, or has no picture to give; the message says why.
    """
    try:
        with _connected(folder) as channel:
            channel.settimeout(_ANSWER_WAIT)
            channel.sendall(b"snapshot\n")
            received = b"".join(iter(lambda: channel.recv(1 << 16), b""))
    except OSError as error:
        raise NotRunningError(
            f"the daemon does not answer: {error.strerror or error}", "see anoncam status"
        ) from error
    header, _, jpeg = received.partition(b"\n")
    try:
        answer = json.loads(header)
    except ValueError:
        answer = {}
    problem = answer.get(
        "error", "" if answer.get("size") == len(jpeg) else "the daemon has broken off its answer"
    )
    if problem:
        raise NotRunningError(f"there is no picture: {problem}", "see anoncam status")
    return jpeg, str(answer["veil"])


@contextlib.contextmanager
def _connected(folder: Path) -> Iterator[socket.socket]:
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as channel,
        _short(folder / NAME) as address,
    ):
        channel.settimeout(_PATIENCE)
        channel.connect(address)
        yield channel


@contextlib.contextmanager
def _short(path: Path) -> Iterator[str]:
    """`path` in the few bytes that a socket's address may have (unix(7): 108)."""
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def no_answer(error: OSError, folder: Path) -> AnoncamError:
    """What to tell who may not ask the daemon in `folder`."""
    return NotRunningError(
        f"{folder} may not be read: {error.strerror}", "use sudo, or join the group anoncam"
    )
