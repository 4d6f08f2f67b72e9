"""A clip of one shot after the other, and its labels in a JSON file beside it."""

import json
from fractions import Fraction
from pathlib import Path
from zlib import crc32

import av
import numpy as np
from tqdm import tqdm

from tools.dataset.formats import read_dataset
from tools.leakrate.clips.kinds import KINDS
from tools.leakrate.clips.still import FPS, HEIGHT, WIDTH, open_still
from tools.leakrate.clips.unseen import unseen_faces


def make_clip(kind: str, pictures: Path, cache: Path, *, count: int, seed: int = 0) -> Path:
    """Make the clip of `count` pictures, spread evenly over the folder, unless `cache` holds it.

    The same arguments give the same labels and the same pictures. Only the encoder, which has
    several threads, may round differently.

    Raises:
        InputError: the folder holds no labelled picture.
    """
    path = cache / f"{kind}-{pictures.resolve().name}-{count}-seed-{seed}.mp4"
    if path.exists() and path.with_suffix(".json").exists():
        return path
    labelled = read_dataset(pictures).pictures
    number = min(count, len(labelled))
    chosen = [labelled[place * len(labelled) // number] for place in range(number)]
    cache.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    frames: list[list[dict[str, object]]] = []
    others: list[list[tuple[float, ...]]] = []
    cuts: list[int] = []
    with av.open(part, "w") as container:
        stream = container.add_stream(
            "libx264", rate=FPS, options={"preset": "veryfast", "crf": "20"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, each in enumerate(tqdm(chosen, kind, unit=" pictures", disable=None)):
            # The seed depends on the picture alone, so the number of pictures does not matter.
            generator = np.random.default_rng((seed, crc32(each.path.name.encode())))
            unseen = unseen_faces(each)
            cuts.append(len(frames))
            for shown in KINDS[kind](open_still(each), generator):
                frame = av.VideoFrame.from_ndarray(shown.picture, "rgb24")
                frame.pts, frame.time_base = len(frames), Fraction(1, FPS)
                container.mux(stream.encode(frame))
                frames.append(
                    [
                        {"track": 1000 * number + face, "bbox": box, "unseen": face in unseen}
                        for face, box in shown.faces.items()
                    ]
                )
                others.append([tuple(box) for box in shown.others])
        container.mux(stream.encode())
    labels = {
        "width": WIDTH,
        "height": HEIGHT,
        "frames": frames,
        "others": others,
        "cuts": cuts[1:],
    }
    path.with_suffix(".json").write_text(json.dumps(labels))
    part.rename(path)
    return path
