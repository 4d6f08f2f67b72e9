"""The comparison by which footage is judged distinguishes a clear face from a covered one."""

from pathlib import Path

import av
import numpy as np

from tests.system.comparing import Box, Plane, compare


def test_footage_that_is_not_anonymized_is_found_out(
    film: Path, clear: list[Plane], faces: list[list[Box]]
) -> None:
    compared = compare([film], clear, faces)
    assert compared.frames == compared.sharp == len(clear)
    assert len(compared.shown) == compared.faces > 100


def test_veiled_footage_is_not_sharp(
    film: Path, clear: list[Plane], faces: list[list[Box]], tmp_path: Path
) -> None:
    veiled = tmp_path / "veiled.mp4"
    with av.open(str(veiled), "w") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for plane in clear[:30]:
            squares = plane[:, :576].reshape(5, 72, 8, 72).mean(axis=(1, 3)).astype(np.uint8)
            shown = np.repeat(squares, 72, axis=0).repeat(80, axis=1)
            container.mux(
                stream.encode(av.VideoFrame.from_ndarray(shown, "gray").reformat(format="yuv420p"))
            )
        container.mux(stream.encode(None))
    assert compare([veiled], clear, faces).sharp == 0
