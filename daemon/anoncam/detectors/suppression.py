"""Non-maximum suppression: one box per face."""

import numpy as np

from anoncam.detectors.detector import Detections

MOST_OVERLAP = 0.45
"""Intersection over union above which two boxes are the same face; usual for face detectors."""


def suppress(detections: Detections) -> Detections:
    """Drop detections (n, 5) that overlap a better one; the others come back best first."""
    ranked = detections[np.argsort(-detections[:, 4], kind="stable")]
    low, high = ranked[:, :2], ranked[:, :2] + ranked[:, 2:4]
    areas = ranked[:, 2] * ranked[:, 3]
    waiting = np.ones(len(ranked), bool)
    kept = []
    for best in range(len(ranked)):
        if not waiting[best]:
            continue
        kept.append(best)
        rest = np.nonzero(waiting[best + 1 :])[0] + best + 1
        shared = np.clip(
            np.minimum(high[best], high[rest]) - np.maximum(low[best], low[rest]), 0, None
        ).prod(axis=1)
        waiting[rest[shared > MOST_OVERLAP * (areas[best] + areas[rest] - shared)]] = False
    return ranked[kept]
