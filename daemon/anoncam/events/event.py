"""The names of all events, and how one is emitted."""

import logging
import uuid
from collections.abc import Iterable
from enum import StrEnum

from anoncam.events.printable import printable

LOGGER = logging.getLogger("anoncam")

_IDS = uuid.UUID("5d1b6a0c-7e0f-4c53-9a54-2b8c8a1f5e77")
"""The namespace of message ids: by it, a name gives the same id on every machine."""


class Event(StrEnum):
    """The name of an event: one change of state. Names never change, since people alert on them."""

    STARTED = "started"
    STOPPED = "stopped"
    CRASHED = "crashed"
    PREVIOUS_RUN_CRASHED = "previous-run-crashed"
    STAGE_FAILED = "stage-failed"
    STAGE_FROZEN = "stage-frozen"
    MEMORY_UNLOCKED = "memory-unlocked"
    CONFINEMENT_INCOMPLETE = "confinement-incomplete"

    CONFIG_REJECTED = "config-rejected"
    CONFIG_FELL_BACK = "config-fell-back"
    CONFIG_RELOADED = "config-reloaded"
    ZONES_CHANGED = "zones-changed"

    CAMERA_WAITING = "camera-waiting"
    SOURCE_CHOSEN = "source-chosen"
    SOURCE_LOST = "source-lost"
    SOURCE_ENDED = "source-ended"
    FRAMES_DROPPING = "frames-dropping"
    FRAMES_DROPPED = "frames-dropped"
    STREAM_CLOCK_WRONG = "stream-clock-wrong"
    STREAM_CLOCK_BACK = "stream-clock-back"
    STREAM_DAMAGED = "stream-damaged"
    STREAM_INTACT = "stream-intact"

    DETECTOR_UP = "detector-up"
    DETECTOR_LATE = "detector-late"
    DETECTOR_DEAD = "detector-dead"
    DETECTOR_BACK = "detector-back"
    CORAL_UNUSABLE = "coral-unusable"
    CORAL_BACK = "coral-back"

    VEIL_BEGAN = "veil-began"
    VEIL_ENDED = "veil-ended"

    EVIDENCE_KEY = "evidence-key"
    EVIDENCE_KEY_UNUSABLE = "evidence-key-unusable"

    RECORDING_GAP = "recording-gap"
    ENCODER_CHOSEN = "encoder-chosen"
    SEGMENT_FINISHED = "segment-finished"
    SEGMENT_SALVAGED = "segment-salvaged"
    STORAGE_FAILED = "storage-failed"
    STORAGE_BACK = "storage-back"
    RETENTION_DELETED = "retention-deleted"

    SEGMENTS_UPLOADED = "segments-uploaded"
    UPLOAD_FAILED = "upload-failed"
    UPLOAD_BACK = "upload-back"
    UPLOAD_MISSED = "upload-missed"
    RECORDING_PAUSED = "recording-paused"
    RECORDING_RESUMED = "recording-resumed"
    RESTART_REQUESTED = "restart-requested"
    OUTLET_FAILED = "outlet-failed"
    OUTLET_BACK = "outlet-back"


def message_id(event: str) -> str:
    """The 128-bit id of an event in the journal's catalog, as 32 hexadecimal digits."""
    return uuid.uuid5(_IDS, event).hex


def emit(
    event: Event,
    message: str,
    *,
    level: int = logging.INFO,
    details: Iterable[str] = (),
    **fields: object,
) -> None:
    """Log `event` with a sentence for people and `fields` for machines.

    `details` are further lines for people. The sentence and each detail are made printable, so each
    stays one line. The record carries `anoncam_event` (the name) and `anoncam_fields` (a mapping of
    plain values).
    """
    text = "\n".join(map(printable, (message, *details)))
    LOGGER.log(level, "%s", text, extra={"anoncam_event": str(event), "anoncam_fields": fields})
