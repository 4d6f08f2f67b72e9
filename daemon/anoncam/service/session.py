"""A session: the recording of one source, from its opening to its end."""

import threading
from collections import deque
from dataclasses import asdict
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.config import folders
from anoncam.config.schema import Config
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.provenance import Provenance, summarise
from anoncam.evidence.record_contents import Content
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import Pipeline
from anoncam.recording import recordings_disk
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.recording.storage_health import StorageState
from anoncam.segments.uploaded import UploadNote, read_note
from anoncam.service import status
from anoncam.service.feed import Feed
from anoncam.service.snapshots import RecorderWithSnapshots, Snapshots
from anoncam.service.source_reports import SourceReports
from anoncam.sources.open_source import open_source
from anoncam.sources.source import Source

_MOST_NOTES = 100


class Session:
    """Records one source as long as it lasts; `before` is the session before this one.

    `key` signs the evidence.
    """

    def __init__(
        self,
        config: Config,
        state: Path,
        counters: Counters,
        clock: Clock,
        snapshots: Snapshots,
        feed: Feed,
        before: "Session | None" = None,
        key: KeyFile | None = None,
    ) -> None:
        self.stop = Stop()
        self.description: str | None = None
        self._config = config
        self._settings = summarise(config)
        self._state = state
        self._counters = counters
        self._clock = clock
        self._snapshots = snapshots
        self._key = key
        self._feed = feed
        self._storage_failed = before is not None and before.storage_failed
        # What a session without a recorder could not record.
        self.notes: deque[Content] = deque(maxlen=_MOST_NOTES) if before is None else before.notes
        self.paused: bool = before is not None and before.paused
        self._began = clock.monotonic()
        self._recorded_before = counters.recorded
        self._on_disk_before = (0, 0) if before is None else before.on_disk
        # Held where pipeline and recorder are made, so that they do not miss a reload.
        self._lock = threading.Lock()
        self._pipeline: Pipeline | None = None
        self._recorder: SegmentRecorder | None = None

    def open(self, reports: SourceReports) -> Source:
        """Open the source, and report that.

        Raises:
            CameraError: there is none now, but may be later.
            InputError: it cannot be opened at all.
        """
        source = open_source(self._config.source, self.stop, self._clock, self._config.files)
        self.description = source.description
        size = f"{source.format.width}x{source.format.height}"
        rate = f"{float(source.format.frame_rate):g} frames per second"
        text = f"source {source.description}, {size}, {rate}"
        reports.found(text, source.description, size)
        return source

    def record(self, source: Source, anonymizer: Anonymizer, inference: InferenceStage) -> None:
        """Record until the source ends or is lost, or until `stop` is requested."""
        with self._lock:
            folder = folders.recordings_folder(self._config.recording, self._state)
            self._recorder = SegmentRecorder(
                self._config.recording,
                source.format,
                folder,
                self._clock,
                retention=Retention(folder, self._clock, uploaded=self._uploaded),
                provenance=lambda: Provenance(self._settings, inference.info),
                failed_before=self._storage_failed,
                disk_note=self._state / recordings_disk.NOTE,
                key=self._key,
                outlet=self._feed,
            )
            self._recorder.paused = self.paused
            while self.notes:
                self._recorder.note(self.notes.popleft())
            recorder = RecorderWithSnapshots(self._recorder, self._snapshots, self._feed)
            pipeline = self._pipeline = Pipeline(
                source,
                recorder,
                anonymizer,
                inference,
                self._config,
                self._counters,
                self._clock,
                self.stop,
            )
        self._began = self._clock.monotonic()
        pipeline.run()

    @property
    def storage_failed(self) -> bool:
        """Whether the disk has failed, in this session or one before it, and is not back."""
        if self._recorder is None:
            return self._storage_failed
        return self._recorder.facts.state is not StorageState.WORKING

    @property
    def on_disk(self) -> tuple[int, int]:
        """The frames that have reached the disk in this session and those before it.

        Returns:
            All of them, and those that are veiled.
        """
        frames, veiled = self._on_disk_before
        if self._recorder is not None:
            facts = self._recorder.facts
            frames, veiled = frames + facts.frames_on_disk, veiled + facts.veiled_on_disk
        return frames, veiled

    def configure(self, config: Config) -> None:
        """Put the settings into force that need no new session."""
        with self._lock:
            self._config = config
            self._settings = summarise(config)
            if self._pipeline is not None:
                self._pipeline.window.configure(config)
            if self._recorder is not None:
                self._recorder.configure(config.recording)

    def pause(self, paused: bool) -> None:
        """Pause the recording, or go on with it; frames are covered all the same."""
        with self._lock:
            self.paused = paused
            if self._recorder is not None:
                self._recorder.paused = paused

    def note(self, content: Content) -> None:
        """Have something recorded in the evidence, if need be by the session after this one."""
        with self._lock:
            if self._recorder is None:
                self.notes.append(content)
            else:
                self._recorder.note(content)

    def _uploaded(self) -> UploadNote | None:
        """Up to which segment all are uploaded; None if they are not to be."""
        to = self._config.upload.to
        if to is None:
            return None
        recordings = folders.recordings_folder(self._config.recording, self._state)
        return read_note(folders.upload_folder(self._state), str(recordings), to)

    def report(self) -> dict[str, object]:
        """The part of the status file on the recording."""
        seconds = (self._clock.monotonic() - self._began) / NANOSECONDS
        facts = {} if self._recorder is None else asdict(self._recorder.facts)
        return {
            "folder": str(folders.recordings_folder(self._config.recording, self._state)),
            "fps": round((self._counters.recorded - self._recorded_before) / max(seconds, 1e-3), 1),
            **facts,
            **({"state": status.PAUSED} if self.paused else {}),
        }
