"""Every setting: type, range, unit and default; `config.yaml` explains them to people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    Strict,
    ValidationInfo,
    field_validator,
)

from anoncam.config.value_checks import (
    address_fits,
    byte_count,
    keeps_at_most_what_starts,
    no_bool,
    password_file_fits,
    printable,
    remote,
    root_based,
    rtsp_without_password,
    simple_polygon,
    user_fits,
)


@dataclass(frozen=True)
class Unit:
    """The unit of a number, as messages and `config.yaml` state it."""

    name: str


Fraction = Annotated[float, Field(ge=0, le=1)]
Seconds = Annotated[float, Unit("seconds")]
Rate = Annotated[float, Unit("frames per second")]
Pixels = Annotated[int, Unit("pixels")]
Size = Annotated[ByteSize, BeforeValidator(byte_count)]
Text = Annotated[str, Field(min_length=1), AfterValidator(printable)]
# YAML gives lists, so a list is allowed for a tuple; the numbers in it stay strict.
Point = Annotated[tuple[Fraction, Fraction], Strict(False)]
Zone = Annotated[
    tuple[Point, ...],
    Strict(False),
    Field(min_length=3, max_length=100),
    AfterValidator(simple_polygon),
]


MOST_ZONES = 100


class Section(BaseModel):
    """A part of the configuration: frozen, without unknown keys, no type converted to another."""

    # An address may hold a password, and errors of pydantic quote their input.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True
    )


class SourceSettings(Section):
    """Where frames come from."""

    type: Literal["auto", "picamera2", "v4l2", "rtsp", "file", "synthetic"] = "auto"
    address: Text | None = Field(None, repr=False, validate_default=True)
    """A device node (v4l2), a URL (rtsp) or a path (file)."""
    user: Text | None = Field(None, validate_default=True)
    """The name with which a network camera is asked."""
    password_file: Text | None = Field(None, validate_default=True)
    """A whole path, or the name of a credential of systemd."""
    width: Pixels = Field(1280, ge=64, le=7680, multiple_of=2)
    height: Pixels = Field(720, ge=64, le=4320, multiple_of=2)
    fps: Rate = Field(30.0, gt=0, le=240)
    rotation: Annotated[
        Literal[0, 90, 180, 270], Unit("degrees clockwise"), BeforeValidator(no_bool)
    ] = 0
    """Degrees clockwise after which the picture is upright."""
    loop: bool = False
    """Start a file again at its end."""
    silence: Seconds = Field(15.0, ge=1, le=3600)
    """Seconds that a camera may send nothing before it counts as lost; less where it is fast."""

    @field_validator("address")
    @classmethod
    def _fits_the_type(cls, address: str | None, info: ValidationInfo) -> str | None:
        address_fits(address, info.data.get("type"))
        return address

    @field_validator("user")
    @classmethod
    def _is_for_the_address(cls, user: str | None, info: ValidationInfo) -> str | None:
        user_fits(user, info.data.get("type"), info.data.get("address"))
        return user

    @field_validator("password_file")
    @classmethod
    def _is_for_the_user(cls, file: str | None, info: ValidationInfo) -> str | None:
        password_file_fits(file, info.data.get("user"))
        return file


class DetectorSettings(Section):
    """What finds the faces."""

    model: Text = "auto"
    """A .tflite file, the name of a shipped model, or auto (`anoncam.detectors.auto_model`)."""
    device: Literal["auto", "coral", "cpu"] = "auto"
    fallback: Literal["veil", "cpu"] = "veil"
    """What happens while the Coral that `device: coral` asks for is gone."""
    runtime: Literal["auto", "ai-edge-litert", "tflite-runtime"] = "auto"
    threads: int = Field(1, ge=1, le=64)
    rate: Rate = Field(20.0, ge=0, le=240)
    """Frames per second that are inferred at most; 0 = every frame.

    While nothing new is in view, they are down to half of that.
    """
    result_timeout: Seconds = Field(2.0, ge=0.1, le=60)
    """Seconds of silence after which the child process is killed and started again."""
    max_gap: Seconds = Field(0.5, ge=0, le=10)
    """Seconds; when two results are further apart, the frames between them are veiled."""
    service: Annotated[Path, Strict(False), AfterValidator(root_based)] | None = None
    """The socket of the detector that several cameras share; None = a detector of one's own."""


SINGLE_THRESHOLD = 0.2
"""The highest `CoverageSettings.single_threshold`; finds 72 % of hard faces (models/README.md)."""

LEAST_PART = 0.4
"""`CoverageSettings.least_score` as a part of the keep threshold.

Score calibration lifts lower scores to the threshold only for small faces among others, and each
detection costs time.
"""


class CoverageSettings(Section):
    """Which boxes are covered in each frame."""

    start_threshold: Fraction = 0.85
    """The calibrated score from which one detection confirms a track at once.

    Lower scores of one face add up to it; see `anoncam.tracking.score_calibration`.
    """
    keep_threshold: Fraction = Field(0.34, validate_default=True)
    """The calibrated score from which a detection counts at all; at most `start_threshold`."""
    look_ahead: Seconds = Field(0.5, ge=0, le=5)
    """Seconds that a frame waits in the window, so that back-fill can still cover it."""
    persistence: Seconds = Field(0.4, ge=0, le=30)
    """Seconds that a lost track still covers."""

    @property
    def single_threshold(self) -> float:
        """The score from which a detection in a single picture counts; no scores add up there."""
        return max(self.least_score, min(self.start_threshold, SINGLE_THRESHOLD))

    @property
    def least_score(self) -> float:
        """The raw score from which the detector reports a detection."""
        return LEAST_PART * self.keep_threshold

    @field_validator("keep_threshold")
    @classmethod
    def _at_most_start_threshold(cls, keep: float, info: ValidationInfo) -> float:
        keeps_at_most_what_starts(keep, info.data.get("start_threshold"))
        return keep


class PictureCoverage(CoverageSettings):
    """The same for a single picture: scores are not calibrated, every detection is covered."""

    @property
    def least_score(self) -> float:
        """The score from which a detection is covered."""
        return self.start_threshold


class AnonymizerSettings(Section):
    """How boxes are covered."""

    fill: Literal["private", "mean", "solid"] = "private"
    rows: int = Field(5, ge=1, le=16)
    """Rows of squares per face, and per frame when it is veiled."""
    margin_side: Annotated[float, Unit("parts of the box's width")] = Field(0.08, ge=0, le=2)
    margin_top: Annotated[float, Unit("parts of the box's height")] = Field(0.04, ge=0, le=2)
    margin_bottom: Annotated[float, Unit("parts of the box's height")] = Field(0.04, ge=0, le=2)
    zones: Annotated[tuple[Zone, ...], Strict(False), Field(max_length=MOST_ZONES)] = ()
    """Polygons that are always covered, in parts of the upright picture's width and height."""


class FilesSettings(Section):
    """What a media file may ask for. It is checked before anything that large is allocated."""

    max_pixels: Pixels = Field(1 << 26, ge=1, le=1 << 30)
    """The largest picture, as width times height: by default 8192 x 8192.

    One of that size takes 100 MB as a frame, with 1.5 bytes a pixel, and up to 537 MB in a decoder,
    with 8 bytes a pixel. A decoder of video keeps up to 16 pictures besides the present one.
    """
    max_streams: int = Field(256, ge=1, le=4096)
    """Each costs less than 1 MB before it is decoded.

    A photograph in HEIC has one for each tile: a picture of 48 million pixels has about 200.
    """
    max_memory: Size | None = Field(ByteSize(4_000_000_000), gt=0)
    """Bytes, as `pipeline/memory_need.py` estimates them; None = no limit."""


class RetentionSettings(Section):
    """When recordings are deleted, oldest first."""

    max_size: Size | None = Field(None, gt=0)
    """Bytes of all segments together; None = no limit but `min_free`."""
    max_age: Annotated[float | None, Unit("days")] = Field(None, gt=0, le=3650)
    """Days; None = no limit."""
    min_free: Size = Field(ByteSize(1_000_000_000), ge=0)
    """Bytes that stay free on the disk."""


class RecordingSettings(Section):
    """Where and how footage is kept."""

    folder: Annotated[Path, Strict(False), AfterValidator(root_based)] | None = None
    """None = `recordings` in the state folder."""
    encoder: Literal["auto", "h264_v4l2m2m", "libx264"] = "auto"
    bitrate: Annotated[int, Unit("kilobits per second")] = Field(4000, ge=100, le=100_000)
    """Kilobits per second at most."""
    segment_length: Seconds = Field(300.0, ge=1, le=86400)
    """Seconds."""
    retention: RetentionSettings = RetentionSettings()


class UploadSettings(Section):
    """Where finished segments and their evidence are copied to."""

    to: Annotated[Text, AfterValidator(remote)] | None = None
    """A folder as rclone names it, ``REMOTE:PATH``; None = no copies."""
    bandwidth: Annotated[int | None, Unit("kilobits per second")] = Field(None, ge=1, le=10_000_000)
    """Kilobits per second; None = no limit."""


class MqttSettings(Section):
    """The broker that tells Home Assistant what the daemon does."""

    host: Text | None = None
    """None = nothing is told."""
    port: int = Field(1883, ge=1, le=65535)
    tls: bool = False
    """Whether the connection is encrypted; the broker's certificate must be valid."""
    user: Text | None = None
    name: Text | None = None
    """The device's name; None = the host name."""
    snapshots: Seconds = Field(10.0, ge=0, le=3600)
    """Seconds between two pictures; 0 = none."""


class RtspSettings(Section):
    """How players and recorders get the live picture, by RTSP."""

    port: int = Field(8554, ge=1, le=65535)
    user: Text = "camera"
    publish: Annotated[Text, AfterValidator(rtsp_without_password)] | None = None
    """The address of a server to which the picture is pushed; None = it is served here."""


class ControlSettings(Section):
    """What processes on the network may do beside watching; each use is recorded as evidence."""

    pause: bool = False
    restart: bool = False


class Config(Section):
    """The whole configuration."""

    source: SourceSettings = SourceSettings()
    detector: DetectorSettings = DetectorSettings()
    coverage: CoverageSettings = CoverageSettings()
    anonymizer: AnonymizerSettings = AnonymizerSettings()
    files: FilesSettings = FilesSettings()
    recording: RecordingSettings = RecordingSettings()
    upload: UploadSettings = UploadSettings()
    control: ControlSettings = ControlSettings()
    mqtt: MqttSettings = MqttSettings()
    rtsp: RtspSettings = RtspSettings()
