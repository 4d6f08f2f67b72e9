"""Whatever a camera's address holds, no output shows its secrets."""

import errno
import io
import json
import logging
import re
import socket
import tempfile
import traceback
from pathlib import Path
from urllib.parse import quote

import av
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anoncam.clock import Stop, SystemClock
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config, SourceSettings
from anoncam.errors import CameraError
from anoncam.events import event_log_reader, journal, log_lines
from anoncam.events.event import LOGGER, Event, emit
from anoncam.events.event_log import EventLog
from anoncam.events.redaction import redact, redact_all
from anoncam.evidence.provenance import Provenance, summarise
from anoncam.service import status
from anoncam.sources.rtsp import RtspSource

LETTERS = "QXJ"
"""Letters of secrets, which stand nowhere else in an address or a sentence of these tests."""

HOSTS = ("camera", "10.0.0.7", "cam-1.local", "[::1]", "[fe80::1%eth0]", "[2001:db8::7]")
SCHEMES = ("rtsp", "RTSP", "Rtsps", "http", "HTTPS")
RAW = st.text(LETTERS, min_size=6, max_size=30)
ANY = st.tuples(RAW, st.text("@:%/?#&=;,'\"!$()*+~é", max_size=6), RAW).map("".join)
ENCODED = ANY.map(lambda secret: quote(secret, safe=""))
USERINFO = st.one_of(
    st.just(""),
    ANY.map(lambda secret: f"user:{secret}@"),
    ENCODED.map(lambda secret: f"user:{secret}@"),
    ENCODED.map(lambda secret: f"{secret}@"),
    ENCODED.map(lambda secret: f":{secret}@"),
)
PART = st.one_of(st.sampled_from(["live", "Streaming", "ch0", "101", "main"]), RAW, ENCODED)
PATH = st.lists(PART, max_size=4).map(lambda parts: "".join(f"/{part}" for part in parts))
NAMES = ["channel", "token", "password", "auth", "enableSrtp", "x"]
QUERY = st.lists(st.tuples(st.sampled_from(NAMES), st.one_of(st.just("1"), ENCODED)), max_size=3)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    query = "&".join(f"{name}={value}" for name, value in draw(QUERY))
    port = draw(st.sampled_from(["", ":554", ":8554"]))
    host = draw(st.sampled_from(HOSTS))
    end = draw(PATH) + (f"?{query}" if query else "")
    return f"{draw(st.sampled_from(SCHEMES))}://{draw(USERINFO)}{host}{port}{end}"


SENTENCES = st.sampled_from(
    ["{}", "'{}' has gone", "cannot open {}: refused", 'tried "{}", and {}.', "{}\nagain {}"]
)


def has_secret(text: str) -> bool:
    return bool(re.search(f"[{LETTERS}]", text))


@given(addresses(), SENTENCES)
def test_a_text_shows_the_host_and_no_secret(address: str, sentence: str) -> None:
    text = redact(sentence.replace("{}", address))
    assert not has_secret(text)
    assert any(host in text for host in HOSTS)
    assert redact(text) == text


@given(addresses())
def test_nested_values_show_no_secret(address: str) -> None:
    value = {"source": address, "tried": [address, {"last": (address, 1)}]}
    assert not has_secret(json.dumps(redact_all(value)))


@given(addresses(), SENTENCES)
def test_log_lines_and_journal_fields_show_no_secret(address: str, sentence: str) -> None:
    error = OSError(sentence.replace("{}", address))
    record = logging.LogRecord("anoncam", 30, "", 0, "lost %s", (address,), (OSError, error, None))
    record.anoncam_event, record.anoncam_fields = "source-lost", {"source": [address]}
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(log_lines.LineFormatter())
    handler.handle(record)
    sent: list[object] = []
    journal.JournalHandler(lambda *texts, **fields: sent.append((texts, fields)), stream).handle(
        record
    )
    assert not has_secret(stream.getvalue() + repr(sent))


@settings(max_examples=20, deadline=None)
@given(st.lists(addresses(), min_size=1, max_size=5))
def test_event_log_note_and_status_show_no_secret(found: list[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log = EventLog(folder, SystemClock(), "boot")
        LOGGER.addHandler(log)
        for address in found:
            text = f"{address} has gone"
            emit(Event.SOURCE_LOST, text, level=30, source=address, tried=[address])
        log.note({"doing": f"waiting for {found[0]}", "source": found[0]})
        LOGGER.removeHandler(log)
        log.finish(30)
        status.write(folder, {"source": found[0], "doing": f"lost {found[0]}", "all": found})
        assert len(event_log_reader.read(folder)) == len(found)
        for file in folder.iterdir():
            assert not has_secret(file.read_text()), file.name


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(address=addresses())
def test_a_configuration_that_is_refused_shows_no_secret(tmp_path: Path, address: str) -> None:
    file = tmp_path / "config.yaml"
    for text in (
        f"source: {{type: file, address: {json.dumps(address)}}}",
        f"source: {{type: {json.dumps(address)}}}",
        f"{json.dumps(address)}: 1",
    ):
        file.write_text(text)
        with pytest.raises(InvalidConfigError) as caught:
            load(file, {})
        assert not has_secret(str(caught.value))


@given(address=addresses())
def test_a_configuration_that_is_used_shows_no_secret_in_the_evidence(address: str) -> None:
    try:
        config = Config(source=SourceSettings(type="rtsp", address=address))
    except ValueError as error:
        assert not has_secret(str(error))
        return
    provenance = Provenance(summarise(config), None)
    assert not has_secret(f"{config!r} {config} {provenance} {provenance.facts()}")


@settings(max_examples=50, deadline=None)
@given(address=addresses())
def test_an_attempt_to_open_a_camera_that_fails_shows_no_secret(address: str) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENETUNREACH, f"cannot reach {address}")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "create_connection", refuse)
        patch.setattr(av, "open", refuse)
        with pytest.raises(CameraError) as caught:
            RtspSource(address, clock=SystemClock(), stop=Stop(), silence=1)
    shown = "".join(traceback.format_exception(caught.value))
    assert not has_secret(shown)
