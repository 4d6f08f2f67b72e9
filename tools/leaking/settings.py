"""The settings whose price and worth are compared: one curve for each lever, all others as given."""

from typing import Any

from anoncam.config.schema import Config


def curves(config: Config) -> dict[str, dict[str, Config]]:
    """By curve and name; the pairs of thresholds are drawn at the given rate, and for every frame."""
    pairs = ((0.15, 0.08), (0.2, 0.1), (0.25, 0.12), (0.3, 0.15), (0.4, 0.2), (0.5, 0.25), (0.6, 0.3))

    def thresholds(**more: dict[str, Any]) -> dict[str, Config]:
        return {
            f"{start:g} / {keep:g}": _with(config, coverage={"start_threshold": start, "keep_threshold": keep}, **more)
            for start, keep in pairs
        }

    return {
        "thresholds (start / keep)": thresholds(),
        "thresholds, every frame examined": thresholds(detector={"rate": 0}),
        "hold (s)": {f"{hold:g}": _with(config, coverage={"hold": hold}) for hold in (0, 0.2, 0.5, 1, 2)},
        "look-ahead (s)": {f"{ahead:g}": _with(config, coverage={"look_ahead": ahead}) for ahead in (0, 0.25, 0.5, 1)},
        "rate (per second)": {f"{rate:g}": _with(config, detector={"rate": rate}) for rate in (5, 10, 15, 30)},
        "margin at the sides": {
            f"{side:g}": _with(config, anonymizer={"margin_side": side}) for side in (0, 0.125, 0.25, 0.5)
        },
    }


def _with(config: Config, **parts: dict[str, Any]) -> Config:
    """The configuration with some values of its parts changed."""
    changed = {name: getattr(config, name).model_copy(update=values) for name, values in parts.items()}
    return config.model_copy(update=changed)
