import socket
import threading
from pathlib import Path

import pytest

from anoncam.errors import NotRunningError
from anoncam.service import control_socket


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"size": 100, "veil": ""}\nhalf', b"nonsense\n"])
def test_an_answer_that_breaks_off_is_no_picture(tmp_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / control_socket.NAME))
        listener.listen()

        def reply() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(64)
                client.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        with pytest.raises(NotRunningError, match="has broken off"):
            control_socket.take_snapshot(tmp_path)
        thread.join()
