"""The settings that are compared: each curve changes one of them and keeps the others."""

from dataclasses import dataclass
from typing import Any

from anoncam.config.schema import Config


@dataclass(frozen=True)
class Setting:
    """A configuration, and switches for parts of the tracker that no configuration turns off."""

    config: Config
    follow_camera: bool = True
    end_at_cuts: bool = True
    calibrate_scores: bool = True


def curves(config: Config) -> dict[str, dict[str, Setting]]:
    """The settings by curve and by name.

    Pairs of thresholds have several curves: without margins, and without each of the switches.
    """
    pairs = ((0.75, 0.28), (0.85, 0.34), (0.9, 0.4), (0.9, 0.5), (0.95, 0.6), (0.95, 0.7))
    lower = ((0.5, 0.1), (0.6, 0.15), (0.8, 0.15), (0.8, 0.2), (0.8, 0.3), (0.8, 0.4))

    def thresholds(
        *,
        config: Config = config,
        pairs: tuple[tuple[float, float], ...] = pairs,
        **switches: bool,
    ) -> dict[str, Setting]:
        return {
            f"{start:g} / {keep:g}": Setting(
                with_values(config, coverage={"start_threshold": start, "keep_threshold": keep}),
                **switches,
            )
            for start, keep in pairs
        }

    no_margins = {"margin_side": 0.0, "margin_top": 0.0, "margin_bottom": 0.0}
    return {
        "thresholds (start / keep)": thresholds(),
        "thresholds, the camera's motion ignored": thresholds(follow_camera=False),
        "thresholds, persistence over cuts": thresholds(end_at_cuts=False),
        "thresholds, scores not calibrated": thresholds(pairs=lower, calibrate_scores=False),
        "thresholds, no margins": thresholds(config=with_values(config, anonymizer=no_margins)),
        "persistence (s)": {
            f"{seconds:g}": Setting(with_values(config, coverage={"persistence": seconds}))
            for seconds in (0.2, 0.4, 1, 2)
        },
        "look-ahead (s)": {
            f"{ahead:g}": Setting(with_values(config, coverage={"look_ahead": ahead}))
            for ahead in (0, 0.25, 0.5)
        },
        "rate (per second, 0: every frame)": {
            f"{rate:g}": Setting(with_values(config, detector={"rate": rate}))
            for rate in (5, 10, 20, 0)
        },
        "margin at the sides": {
            f"{side:g}": Setting(with_values(config, anonymizer={"margin_side": side}))
            for side in (0, 0.08, 0.25)
        },
    }


def with_values(config: Config, **parts: dict[str, Any]) -> Config:
    """Change some values in parts of the configuration."""
    changed = {
        name: getattr(config, name).model_copy(update=values) for name, values in parts.items()
    }
    return config.model_copy(update=changed)
