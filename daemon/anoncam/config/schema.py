"""Every setting: its type, its range, its default. `config.yaml` at the root explains them to people."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ByteSize, ConfigDict, Field

Fraction = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Fraction, Fraction]
Zone = Annotated[tuple[Point, ...], Field(min_length=3)]


class Section(BaseModel):
    """A part of the configuration: frozen, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class SourceSettings(Section):
    """Where frames come from."""

    type: Literal["auto", "picamera2", "v4l2", "rtsp", "file", "synthetic"] = "auto"
    address: str | None = None
    """A device node (v4l2), a URL (rtsp) or a path (file)."""
    width: int = Field(1280, ge=64, le=7680, multiple_of=2)
    height: int = Field(720, ge=64, le=4320, multiple_of=2)
    fps: float = Field(30, gt=0, le=240)
    rotation: Literal[0, 90, 180, 270] = 0
    """Degrees clockwise after which the picture is upright."""
    loop: bool = False
    """Start a file again at its end."""


class DetectorSettings(Section):
    """What finds the faces."""

    model: str = "auto"
    """A .tflite file, the name of a shipped model, or auto."""
    device: Literal["auto", "coral", "cpu"] = "auto"
    runtime: Literal["auto", "ai-edge-litert", "tflite-runtime"] = "auto"
    threads: int = Field(1, ge=1, le=64)
    rate: float = Field(15, ge=0, le=240)
    """Frames examined per second at most; 0 = every frame."""
    answer_timeout: float = Field(2.0, ge=0.1, le=60)
    """Seconds of silence after which the child process is killed and started again."""
    max_gap: float = Field(0.5, ge=0, le=10)
    """Seconds between two answers beyond which the frames between them are veiled."""


class CoverageSettings(Section):
    """Which boxes are covered at each moment."""

    start_threshold: Fraction = 0.4
    keep_threshold: Fraction = 0.2
    look_ahead: float = Field(0.5, ge=0, le=5)
    """Seconds that a frame waits, so that a face found later covers it too."""
    hold: float = Field(1.0, ge=0, le=30)
    """Seconds that a face stays covered after it was last seen."""


class AnonymizerSettings(Section):
    """What covers them."""

    fill: Literal["private", "mean", "solid"] = "private"
    rows: int = Field(5, ge=1, le=16)
    margin_side: float = Field(0.25, ge=0, le=2)
    margin_top: float = Field(0.1, ge=0, le=2)
    margin_bottom: float = Field(0.1, ge=0, le=2)
    zones: tuple[Zone, ...] = ()
    """Polygons that are always covered, in parts of the upright picture's width and height."""


class RetentionSettings(Section):
    """When recordings are deleted, oldest first."""

    max_size: ByteSize | None = None
    max_age: float | None = Field(None, gt=0, le=3650)
    """Days."""
    min_free: ByteSize = ByteSize(1_000_000_000)


class RecordingSettings(Section):
    """Where and how footage is kept."""

    folder: Path | None = None
    encoder: Literal["auto", "h264_v4l2m2m", "libx264"] = "auto"
    bitrate: int = Field(4000, ge=100, le=100_000)
    """Kilobits per second at most."""
    segment_length: float = Field(300, ge=1, le=86400)
    """Seconds."""
    retention: RetentionSettings = RetentionSettings()


class Config(Section):
    """The whole configuration."""

    source: SourceSettings = SourceSettings()
    detector: DetectorSettings = DetectorSettings()
    coverage: CoverageSettings = CoverageSettings()
    anonymizer: AnonymizerSettings = AnonymizerSettings()
    recording: RecordingSettings = RecordingSettings()
