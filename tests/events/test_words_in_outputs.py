"""Whatever strangers call their files, cameras and streams, no output holds it raw."""

import io
import logging
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anoncam.clock import SystemClock
from anoncam.errors import InputError
from anoncam.events import journal, log_lines
from anoncam.events.event import LOGGER, Event, emit
from anoncam.events.event_log import EventLog
from anoncam.feed.protocol import Kind
from anoncam.feed.reader_queue import parcel
from anoncam.service import status
from anoncam.service.notify import notify
from anoncam.sources.process.messages import Done, Failed, decode
from anoncam.sources.rtsp_dialogue import RtspError, find_stream
from anoncam.sources.v4l2_nodes import Node
from tests.support.terminal import UNSAFE, is_safe

WORDS = st.text(st.one_of(st.sampled_from(UNSAFE), st.sampled_from("ab é家")), max_size=12)
"""A name of a file, of a camera, or what a library says of either."""

FORGERY = "\x1b]0;owned\x07\x9b2J gpj.\u202eexe\u2028"


def told_by_strangers(words: str) -> list[str]:
    """The same words, by each way on which they come in."""
    encodable = words.encode(errors="replace").decode()
    message = Failed(error=f"\ufffc/\ufffc cannot be read: {encodable}").model_dump_json().encode()
    with pytest.raises(InputError) as failed:
        decode(message, Done, f"/films/{words}.mp4")
    return [words, str(failed.value), str(Node(Path("/dev/video0"), words))]


def is_text(data: bytes) -> bool:
    """Whether lines are safe when they are shown as they are."""
    return all(is_safe(line) for line in data.decode().split("\n"))


@given(WORDS)
def test_log_lines_and_fields_of_the_journal_are_safe(words: str) -> None:
    stream = io.StringIO()
    lines = logging.StreamHandler(stream)
    lines.setFormatter(log_lines.LineFormatter())
    sent: list[str] = []

    def send(text: str, **fields: object) -> None:
        sent.extend([text, *map(str, fields.values())])

    handlers = lines, journal.JournalHandler(send, stream)
    for told in told_by_strangers(words):
        for handler in handlers:
            LOGGER.addHandler(handler)
        emit(Event.SOURCE_LOST, f"{told} has gone", level=30, source=told)
        logging.getLogger("anoncam.test").warning("lost %s", told)
        for handler in handlers:
            LOGGER.removeHandler(handler)
    shown = stream.getvalue().split("\n")
    assert len(shown) == 2 * 3 + 1
    assert all(map(is_safe, shown + sent))


@settings(max_examples=25, deadline=None)
@given(WORDS)
def test_events_status_and_what_the_feed_sends_are_safe(words: str) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = EventLog(folder, SystemClock(), "boot")
        LOGGER.addHandler(log)
        for told in told_by_strangers(words):
            emit(Event.SOURCE_LOST, f"{told} has gone", level=30, source=told, tried=[told])
            log.note({"source": told})
            status.write(folder, {"source": told, "doing": f"lost {told}", "all": [told]})
            assert is_text(bytes(parcel(Kind.STATUS, {"status": {"source": told}}).head)[8:])
        LOGGER.removeHandler(log)
        log.finish(30)
        for file in folder.iterdir():
            assert is_text(file.read_bytes()), file.name


@settings(max_examples=25, deadline=None)
@given(WORDS)
def test_what_systemd_is_told_is_one_safe_line_for_each_fact(words: str) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as it,
    ):
        it.bind(f"{name}/notify")
        notify({"NOTIFY_SOCKET": f"{name}/notify"}, STATUS=words, READY=1)
        lines = it.recv(1 << 16).decode().split("\n")
        assert len(lines) == 2
        assert all(map(is_safe, lines))


@pytest.mark.parametrize(
    "reply",
    [
        "RTSP/1.0 404 {}\r\nServer: {}\r\n\r\n",
        "RTSP/1.0 302 {}\r\nLocation: rtsp://other/{}\r\n\r\n",
        'RTSP/1.0 401 {}\r\nWWW-Authenticate: Digest realm="{}"\r\n\r\n',
        "{}\r\n\r\n",
    ],
)
def test_no_word_of_a_camera_is_in_the_error_about_it(reply: str) -> None:
    content = reply.replace("{}", FORGERY).encode()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            client, _ = listener.accept()
            with client:
                for _ in range(2):
                    client.recv(1 << 16)
                    client.sendall(content)

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(RtspError) as caught:
            find_stream(f"rtsp://127.0.0.1:{listener.getsockname()[1]}/live", 20)
    assert is_safe(str(caught.value.cause.error("the camera", caught.value.code)))
