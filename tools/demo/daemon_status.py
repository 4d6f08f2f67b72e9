"""What the daemon reports of itself, for people."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from anoncam.service import status


def read_status(state: Path) -> Mapping[str, Any]:
    """Read the status of the daemon; empty while there is none."""
    path = state / status.NAME
    if not path.exists():
        return {}
    report: Mapping[str, Any] = json.loads(path.read_text())
    return report


def progress(report: Mapping[str, Any]) -> str:
    """Describe in one line how far the daemon is."""
    counts = report.get("counts", {})
    recorded, faces = counts.get("recorded", 0), counts.get("faces_covered", 0)
    return f"{recorded} frames recorded, {faces} faces covered, {counts.get('veiled', 0)} veiled"


def summary(report: Mapping[str, Any]) -> str:
    """Describe the result of the run in a few lines."""
    counts, detector = report.get("counts"), report.get("detector")
    if not counts:
        return "no frame was captured"
    lines = {
        "frames": f"{counts['recorded']} recorded of {counts['captured']} captured",
        "faces covered": f"{counts['faces_covered']} (one face in ten frames counts as ten)",
        "veiled": f"{counts['veiled']} frames, which no result of the detector covers",
        "dropped": f"{counts['dropped']} frames",
        "speed": f"{(report.get('recording') or {}).get('fps', 0)} frames per second",
        "detector": "none started",
    }
    if detector:
        lines["detector"] = (
            f"{Path(detector['model']).name} on {detector['device']} with {detector['runtime']}, "
            f"{detector['latency_ms']} ms per result, {counts['inferred']} frames inferred"
        )
    return "\n".join(f"  {name:<14} {value}" for name, value in lines.items())
