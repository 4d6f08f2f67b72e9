from pathlib import Path

from anoncam.events.event import Event
from anoncam.evidence.key_file import NAME, KeyFile
from anoncam.service.evidence_key import announce
from tests.support.events import EventLog


def test_the_fingerprint_of_the_key_is_an_event(tmp_path: Path, event_log: EventLog) -> None:
    key = KeyFile(tmp_path)
    announce(key)
    (event,) = event_log.of(Event.EVIDENCE_KEY)
    assert event["key"] == key.signers().key.fingerprint


def test_a_key_that_cannot_be_used_is_an_event_without_its_content(
    tmp_path: Path, event_log: EventLog
) -> None:
    (tmp_path / NAME).write_text("a secret text")
    announce(KeyFile(tmp_path))
    (event,) = event_log.of(Event.EVIDENCE_KEY_UNUSABLE)
    assert "secret" not in str(event)
