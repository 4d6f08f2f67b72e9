from dataclasses import replace

import numpy as np
import pytest

from anoncam.frames.frame import Layout, tight
from anoncam.frames.rgb_scaler import RgbScaler
from tests.support.frames import blank


@pytest.mark.parametrize("layout", list(Layout))
@pytest.mark.parametrize("size", [(96, 64), (97, 65)])
def test_a_red_picture_is_red_at_the_wanted_size(layout: Layout, size: tuple[int, int]) -> None:
    frame = blank(replace(tight(*size, layout), color_range=2))
    # ITU-T T.871: red is Y 76, Cb 85, Cr 255.
    frame.luma[:] = 76
    if layout is Layout.NV12:
        frame.chroma[0][:] = (85, 255)
    else:
        frame.chroma[0][:], frame.chroma[1][:] = 85, 255

    rgb = RgbScaler().scale(frame, 48, 32)

    assert rgb.shape == (32, 48, 3)
    # The last column and row of an odd picture are padding in part.
    assert np.abs(rgb[:30, :46].astype(int) - (254, 0, 0)).max() <= 3
