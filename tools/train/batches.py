"""Batches of samples: the same for the same seed, epoch and number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import Dataset

from tools.dataset.dataset import LabelledPicture
from tools.train.hard_negatives import NONE, HardNegatives
from tools.train.samples import Augmentations, make_sample


@dataclass(frozen=True, eq=False)
class Batch:
    """Pictures, uint8 of shape (n, 3, side, side), and for each of them the boxes of its `Sample`.

    A list has a tensor of shape (m, 4) for each picture: left, top, right, bottom.
    """

    pictures: Tensor
    faces: list[Tensor]
    ignored: list[Tensor]
    hard_negatives: list[Tensor]


class Batches(Dataset[Batch]):  # type: ignore[misc, unused-ignore]
    """The batches of one epoch.

    All samples of a batch have one side. Their number is chosen so that each batch costs as much
    as `batch` samples of the first of `sides`.
    """

    def __init__(
        self,
        pictures: Sequence[LabelledPicture],
        sides: Sequence[int],
        batch: int,
        switches: Augmentations,
        seed: int,
        epoch: int,
        mined: Mapping[Path, HardNegatives],
    ) -> None:
        self._mined = mined
        self._pictures, self._switches, self._key = pictures, switches, (seed, epoch)
        random = np.random.default_rng(self._key)
        order = random.permutation(len(pictures)).tolist()
        self._plan: list[tuple[int, list[int]]] = []
        while order:
            side = int(random.choice(sides))
            count = max(1, round(batch * (sides[0] / side) ** 2))
            self._plan.append((side, order[:count]))
            order = order[count:]
        # The gradient of a batch of one sample is too noisy.
        if len(self._plan) > 1 and len(self._plan[-1][1]) < 2:
            self._plan.pop()

    def __len__(self) -> int:
        return len(self._plan)

    def __getitem__(self, index: int) -> Batch:
        if index >= len(self._plan):
            raise IndexError(index)
        side, chosen = self._plan[index]
        samples = [
            make_sample(
                self._pictures[number],
                side,
                self._switches,
                np.random.default_rng((*self._key, number)),
                self._mined.get(self._pictures[number].path, NONE),
            )
            for number in chosen
        ]
        pictures = torch.from_numpy(np.stack([sample.picture for sample in samples]))
        return Batch(
            pictures.permute(0, 3, 1, 2),
            [torch.from_numpy(sample.boxes) for sample in samples],
            [torch.from_numpy(sample.ignored) for sample in samples],
            [torch.from_numpy(sample.hard_negatives) for sample in samples],
        )
