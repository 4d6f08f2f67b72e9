"""Reports at the start which key signs the evidence."""

import logging

from anoncam.errors import StorageError
from anoncam.events.event import Event, emit
from anoncam.evidence.key_file import KeyFile


def announce(key: KeyFile) -> None:
    """Report the fingerprint, or that there is no key: then the evidence waits for one."""
    try:
        fingerprint = key.signers().key.fingerprint
    except StorageError as error:
        text = f"{error}; recording goes on, and its evidence waits"
        emit(Event.EVIDENCE_KEY_UNUSABLE, text, level=logging.ERROR)
        return
    text = f"the evidence is signed with the key {fingerprint}"
    emit(Event.EVIDENCE_KEY, text, key=fingerprint)
