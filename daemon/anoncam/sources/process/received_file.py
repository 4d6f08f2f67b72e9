"""The file that a confined process was given: as a descriptor, or range by range."""

import os
import socket
import stat
import struct

from anoncam.processes.channel import receive_long, send_long
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.ranged_file import RangedFile
from anoncam.sources.process.replies import NAMELESS

REQUEST = struct.Struct("=QI")
"""Where a range begins, and how many bytes it has; the reply is those bytes."""

SIZE = struct.Struct("=Q")
"""What the parent sends first: the bytes of the whole file."""


def received_file(descriptor: int) -> OpenFile:
    """The file that the parent has given: open, or by a channel on which it gives ranges."""
    if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
        return OpenFile(NAMELESS, descriptor)
    # Nothing is asked of the kernel that a confined process may not ask.
    channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=descriptor)

    def receive() -> bytes:
        received = receive_long(channel, None)
        assert received is not None  # noqa: S101 - there is no timeout
        return received[0]

    def fetch(place: int, count: int) -> bytes:
        send_long(channel, REQUEST.pack(place, count), [])
        return receive()

    (size,) = SIZE.unpack(receive())
    return RangedFile(NAMELESS, size, fetch)
