"""Opens the source that the settings name."""

import os
from pathlib import Path

from anoncam.clock import Clock, Stop
from anoncam.config.schema import FilesSettings, SourceSettings
from anoncam.errors import InputError
from anoncam.sources.camera_login import address_with_login
from anoncam.sources.camera_search import (
    frame_rate,
    open_auto,
    open_node,
    open_picamera2,
    open_v4l2,
)
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import DEFAULT_LIMITS
from anoncam.sources.rtsp import RtspSource
from anoncam.sources.source import Source
from anoncam.sources.synthetic import SyntheticSource
from anoncam.sources.v4l2_nodes import inspect


def open_source(
    settings: SourceSettings, stop: Stop, clock: Clock, files: FilesSettings = DEFAULT_LIMITS
) -> Source:
    """Open the source that `settings` name; `files` are the limits of a media file.

    Raises:
        CameraError: it is not there now, but may come.
        InputError: the file cannot be used, or the address is missing.
        StoppedError: the stop was requested meanwhile.
    """
    rotation = settings.rotation
    match settings.type, settings.address:
        case "file", str(path):
            source: Source = FileSource(
                Path(path).expanduser(),
                paced=True,
                loop=settings.loop,
                clock=clock,
                stop=stop,
                rotation=rotation,
                limits=files,
            )
        case "rtsp", str():
            address = address_with_login(settings, os.environ)
            source = RtspSource(
                address, silence=settings.silence, clock=clock, stop=stop, rotation=rotation
            )
        case "synthetic", _:
            source = SyntheticSource(
                settings.width,
                settings.height,
                frame_rate(settings),
                clock=clock,
                stop=stop,
                rotation=rotation,
            )
        case "picamera2", _:
            source = open_picamera2(settings, stop, clock)
        case "v4l2", str(node):
            source = open_node(inspect(Path(node)), settings, stop, clock)
        case "v4l2", _:
            source = open_v4l2(settings, stop, clock)
        case "auto", _:
            source = open_auto(settings, stop, clock)
        case kind, _:
            raise InputError(f"a source of type {kind} needs source.address")
    return source
