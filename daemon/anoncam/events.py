"""Events: one structured log record for each change of state, with a stable name."""

import logging
from enum import StrEnum

LOGGER = logging.getLogger("anoncam")


class Event(StrEnum):
    """The name of an event; names are stable, since people alert on them."""

    STARTED = "started"
    STOPPED = "stopped"
    STAGE_FAILED = "stage-failed"
    MEMORY_UNLOCKED = "memory-unlocked"

    CONFIG_REJECTED = "config-rejected"
    CONFIG_FELL_BACK = "config-fell-back"
    CONFIG_RELOADED = "config-reloaded"

    CAMERA_WAITING = "camera-waiting"
    SOURCE_CHOSEN = "source-chosen"
    SOURCE_LOST = "source-lost"
    SOURCE_ENDED = "source-ended"
    FRAMES_DROPPING = "frames-dropping"
    FRAMES_DROPPED = "frames-dropped"

    DETECTOR_UP = "detector-up"
    DETECTOR_LATE = "detector-late"
    DETECTOR_DEAD = "detector-dead"
    DETECTOR_BACK = "detector-back"
    CORAL_UNUSABLE = "coral-unusable"

    VEIL_BEGAN = "veil-began"
    VEIL_ENDED = "veil-ended"

    ENCODER_CHOSEN = "encoder-chosen"
    SEGMENT_FINISHED = "segment-finished"
    SEGMENT_SALVAGED = "segment-salvaged"
    STORAGE_FAILED = "storage-failed"
    STORAGE_BACK = "storage-back"
    RETENTION_DELETED = "retention-deleted"


def emit(event: Event, message: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Log `event` once, as a sentence for people and as `fields` for machines.

    The record carries `anoncam_event` (the name) and `anoncam_fields` (a mapping of plain values).
    """
    LOGGER.log(level, "%s", message, extra={"anoncam_event": str(event), "anoncam_fields": fields})
