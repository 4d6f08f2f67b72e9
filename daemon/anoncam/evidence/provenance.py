"""Provenance: the detector and the settings in force while a segment was recorded."""

from collections.abc import Mapping
from dataclasses import dataclass

from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectorInfo
from anoncam.events.redaction import redact_all
from anoncam.evidence.records import digest_of


@dataclass(frozen=True)
class Settings:
    """A configuration: the hash of the whole, and the settings that decide what is covered."""

    sha256: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class Provenance:
    """What is in force at a time; `detector` is None while there is none."""

    settings: Settings
    detector: DetectorInfo | None

    def facts(self) -> dict[str, object]:
        """The provenance as records have it."""
        detector = self.detector
        return {
            "detector": None
            if detector is None
            else {
                "model": detector.model,
                "sha256": detector.sha256,
                "input": "x".join(map(str, detector.input_size)),
                "device": detector.device,
                "runtime": detector.runtime,
            },
            "settings": {**self.settings.facts, "configuration_sha256": self.settings.sha256},
        }


def summarise(config: Config) -> Settings:
    """The settings of `config`; for the hash, passwords are replaced by ``***``."""
    everything = redact_all(config.model_dump(mode="json"))
    anonymizer = config.anonymizer.model_dump(mode="json", exclude={"zones"})
    facts: dict[str, object] = {
        "detector": config.detector.model_dump(
            mode="json", include={"rate", "max_gap", "result_timeout"}
        ),
        "coverage": config.coverage.model_dump(mode="json"),
        # There may be many corners. Only the hash depends on them.
        "anonymizer": {**anonymizer, "zones": len(config.anonymizer.zones)},
    }
    return Settings(digest_of(everything), facts)
