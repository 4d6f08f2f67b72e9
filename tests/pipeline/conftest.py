from collections.abc import Callable, Iterator

import pytest

from anoncam.detectors.detector import Detector
from anoncam.pipeline import inference
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from tests.support.inference import Waits
from tests.support.pipeline_bench import Bench


@pytest.fixture
def stages() -> Iterator[Callable[..., InferenceStage]]:
    made: list[InferenceStage] = []

    def make(maker: Callable[[], Detector], *, max_failures: int | None = None) -> InferenceStage:
        stage = InferenceStage(maker, counters=Counters(), max_failures=max_failures)
        stage._stop = Waits()
        made.append(stage)
        stage.start()
        return stage

    yield make
    for each in made:
        each.close()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    monkeypatch.setattr(inference, "BACK_OFF", (0.001,))
    made: list[Bench] = []

    def make(*arguments: object, **settings: object) -> Bench:
        made.append(Bench(*arguments, **settings))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for each in made:
        each.stop.request()
        each.source.close()
        each.inference.close()
