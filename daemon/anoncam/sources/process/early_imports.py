"""Imports what PyAV imports only when it meets such a stream: a confined process is too late then.

It is imported for this alone, by what confined processes run.
"""

import importlib

EARLY = (
    *("av.audio.codeccontext", "av.audio.stream", "av.subtitles.codeccontext"),
    *("av.subtitles.stream", "av.video.codeccontext", "av.video.stream", "av.filter"),
)

for _name in EARLY:
    importlib.import_module(_name)
