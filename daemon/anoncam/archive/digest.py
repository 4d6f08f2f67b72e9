"""What changes the output of a file, but for the input: its settings, and a hash of all of it."""

import hashlib
import json
from fractions import Fraction

from anoncam import __version__
from anoncam.config.schema import Config
from anoncam.detectors import model_file


def file_config(config: Config) -> Config:
    """The settings of files alone: tasks are sent, and the address of a camera may hold a password.

    All others have their defaults.
    """
    return Config(
        detector=config.detector,
        coverage=config.coverage,
        anonymizer=config.anonymizer,
        files=config.files,
    )


def settings_digest(config: Config, *, keep_audio: bool, rate: Fraction | None) -> str:
    """The SHA-256 in hexadecimal; the model and the version of anoncam are in it.

    Raises:
        ModelError: there is no such model.
    """
    parts = {
        "version": __version__,
        "model": model_file.find(config.detector.model).sha256,
        "config": json.loads(file_config(config).model_dump_json()),
        "keep_audio": keep_audio,
        "rate": None if rate is None else str(rate),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
