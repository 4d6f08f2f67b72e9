"""Why a face leaks."""

from collections.abc import Sequence


def leak_reasons(
    leaks: Sequence[bool],
    tracks: Sequence[int],
    parts: Sequence[float],
    least: float = 0.2,
    most: float = 0.5,
) -> list[str]:
    """Give the reason of each face-frame that leaks, and "" for one that does not.

    All sequences are in the order of frames. `parts` are the covered parts of the labelled boxes. A
    leaking face of which `least` is covered has a box that is too small. A track counts as found
    from the first frame in which `most` of its face is covered.
    """
    found: dict[int, int] = {}
    for number, (track, part) in enumerate(zip(tracks, parts, strict=True)):
        if part >= most:
            found.setdefault(track, number)
    reasons = []
    for number, (leak, track, part) in enumerate(zip(leaks, tracks, parts, strict=True)):
        if not leak:
            reasons.append("")
        elif part >= least:
            reasons.append("box too small")
        elif track not in found:
            reasons.append("never detected")
        else:
            reasons.append("found late" if number < found[track] else "lost")
    return reasons


REASONS = ("never detected", "found late", "lost", "box too small")
