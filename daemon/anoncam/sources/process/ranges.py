"""Gives a confined process the ranges of a remote file that it reads: it has no network itself."""

import contextlib
import struct
import threading
from concurrent.futures import Future

from anoncam.errors import AnoncamError, UnreachableError
from anoncam.processes.channel import make_channel, receive_alone, send_long
from anoncam.sources.libav.ranged_file import BLOCK
from anoncam.sources.process.received_file import REQUEST, SIZE
from anoncam.stores.remote_file import RemoteFile
from anoncam.stores.remote_reader import RemoteReader


class RangeServer:
    """Reads what the other end of a channel asks for, until that is closed; it sees one file.

    `theirs` is that end, as a descriptor. `error` is there before the other side can know that
    something could not be read.

    Raises:
        InputError: there is no such file.
        StoreError: the store refuses, or cannot be reached.
    """

    def __init__(self, file: RemoteFile) -> None:
        self.error: AnoncamError | None = None
        self._file = file
        self._ours, theirs = make_channel()
        self._size: Future[int] = Future()
        threading.Thread(target=self._serve, name="ranges", daemon=True).start()
        try:
            send_long(self._ours, SIZE.pack(self._size.result()), [])
        except BaseException:
            theirs.close()
            raise
        self.theirs = theirs.detach()

    def _serve(self) -> None:
        with contextlib.closing(self._ours):
            try:
                # Libraries of stores bear no two threads on one connection: this has its own.
                reader = self._file.open()
            except BaseException as error:
                self._size.set_exception(error)
                return
            with contextlib.closing(reader):
                self._size.set_result(reader.size)
                self._reply(reader)

    def _reply(self, reader: RemoteReader) -> None:
        # A process that has ended asks no more; one that asks for nonsense gets no more.
        with contextlib.suppress(ConnectionError, struct.error):
            while (request := receive_alone(self._ours, None)) is not None:
                place, count = REQUEST.unpack(request)
                try:
                    data = reader.read(place, min(count, BLOCK))
                except AnoncamError as error:
                    self.error = error
                    return
                except Exception as error:  # whatever it is, it must not look like the file's end
                    kind = type(error).__name__
                    self.error = UnreachableError(f"{self._file} cannot be read ({kind})")
                    return
                send_long(self._ours, data, [])
