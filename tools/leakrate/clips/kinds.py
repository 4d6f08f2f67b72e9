"""The kinds of clips, by name."""

from collections.abc import Callable
from functools import partial

import numpy as np

from tools.leakrate.clips.covered import covered
from tools.leakrate.clips.glance import glance
from tools.leakrate.clips.pan_and_zoom import cut, night, pan_and_zoom, turned
from tools.leakrate.clips.people import approach, walk
from tools.leakrate.clips.still import Shot, Still

KINDS: dict[str, Callable[[Still, np.random.Generator], Shot]] = {
    "pan-and-zoom": pan_and_zoom,
    "glance": partial(glance, step=24),
    "fast-glance": partial(glance, step=48),
    "walk": walk,
    "cut": cut,
    "approach": approach,
    "night": night,
    "turned": turned,
    "covered": covered,
}
"""What makes the shot of one picture. The first kind is the one of earlier measurements."""
