"""A process that does tasks of the run that started it, one after the other."""

import ctypes
import signal
import sys
from multiprocessing.connection import Connection

from anoncam.archive.host import Host
from anoncam.archive.stages import do
from anoncam.archive.task import Failure, Outcome, Task
from anoncam.errors import AnoncamError, DetectorError, InputError, ModelError, UnreachableError
from anoncam.frames import locked_memory
from anoncam.processes.confined_process import start_fork_server

_PR_SET_PDEATHSIG = 1


def attempt(task: Task, host: Host) -> Outcome | Failure:
    """Do the task, or say why it failed."""
    try:
        return do(task, host)
    except AnoncamError as error:
        # A detector may have hung once, a network failed; a model that cannot be used stays so.
        may_pass = isinstance(error, DetectorError | UnreachableError)
        may_pass = may_pass and not isinstance(error, ModelError)
        return Failure(str(error), error.exit_code, isinstance(error, InputError), may_pass)
    except MemoryError:
        text = f"there is not enough memory for {task.file.source}"
        return Failure(text, InputError.exit_code, may_pass=True)
    except OSError as error:
        return Failure(f"{task.file.source}: {error.strerror or error}", InputError.exit_code)


def main() -> None:
    """Do tasks until the run closes the connection, or is gone."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    start_fork_server()
    connection = Connection(int(sys.argv[1]))
    host = Host(connection.send)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda _number, _frame: host.end())
    locked_memory.seal()
    try:
        while not host.is_over:
            connection.send(attempt(connection.recv(), host))
    except (EOFError, BrokenPipeError, ConnectionResetError):
        pass
    finally:
        host.close()


if __name__ == "__main__":
    main()
