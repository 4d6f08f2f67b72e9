"""A hash of all that changes what is written, but for the input."""

import hashlib
import json
from fractions import Fraction

from anoncam import __version__
from anoncam.config.schema import Config
from anoncam.detectors import model_file


def settings_digest(config: Config, *, keep_audio: bool, rate: Fraction | None) -> str:
    """The SHA-256 in hexadecimal; the model and the version of anoncam are in it.

    Raises:
        ModelError: there is no such model.
    """
    parts = {
        "version": __version__,
        "model": model_file.find(config.detector.model).sha256,
        "config": json.loads(
            config.model_dump_json(include={"detector", "coverage", "anonymizer", "files"})
        ),
        "keep_audio": keep_audio,
        "rate": None if rate is None else str(rate),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
