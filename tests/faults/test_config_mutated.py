"""A thousand mutated configurations: each is accepted or rejected with a place, by check-config and
by a reload."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.cli.check_config import check_config
from anoncam.config.keys import FIELDS
from anoncam.config.last_good import Loaded, recall
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.events.event import Event
from anoncam.events.printable import printable
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.config_loader import ConfigLoader
from anoncam.service.reload import Reloader
from anoncam.service.session_loop import SessionLoop
from tests.support.checkout import ROOT
from tests.support.events import EventLog

DEFAULT = (ROOT / "config.yaml").read_text()
MUTATIONS = 1000

GOOD: Mapping[str, list[object]] = {
    "type": ["synthetic", "auto"],
    "rotation": [0, 90, 270],
    "model": ["anoncam-face-320x320", "/none/such.tflite", "nothing"],
    "device": ["cpu", "coral"],
    "fill": ["solid", "mean"],
    "rows": [1, 8, 16],
    "rate": [0, 5, 0.5],
    "start_threshold": [0.5, 1],
    "keep_threshold": [0, 0.1],
    "zones": [[[[0, 0], [0.2, 0], [0.2, 0.2]]], []],
    "folder": ["/srv/footage", None],
    "max_size": ["50 GB", "160MB", None],
    "segment_length": [1, 86400],
    "max_age": [0.1, 3650],
}
BAD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=6),
    st.dates(),
    st.sampled_from(
        [
            "",
            "auto",
            "/none/such.tflite",
            "~/x",
            "../x",
            "1 XB",
            "-1GB",
            "\x00",
            "\ud800",
            "é" * 300,
        ]
    ),
    st.lists(st.integers(), max_size=3),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)
PIECES = st.sampled_from([*":[}|~#\t\n\x00", '"', "- ", "&a", "*a", "!!int ", "---\n", "<<: "])


@st.composite
def mutated_values(draw: st.DrawFn) -> str:
    """A file in which some keys have other values, good ones and bad ones, and perhaps a key that
    is none."""
    tree: dict[str, object] = {}
    for key in draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=4)):
        section = tree
        for name in key[:-1]:
            section = cast(dict[str, object], section.setdefault(name, {}))
        good = GOOD.get(key[-1])
        section[key[-1]] = draw(st.sampled_from(good) if good and draw(st.integers(0, 3)) else BAD)
    if not draw(st.integers(0, 9)):
        tree[draw(st.text(max_size=8))] = draw(BAD)
    return str(yaml.safe_dump(tree, allow_unicode=True))


@st.composite
def mutated_texts(draw: st.DrawFn) -> str:
    """The file that is shipped, with slips of the keyboard."""
    text = DEFAULT
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(text) - 1))
        length = draw(st.sampled_from([0, 0, 1, 7]))
        text = text[:place] + draw(st.one_of(PIECES, st.just(""))) + text[place + length :]
    return text


class Reloading:
    """A reload without a daemon around it."""

    def __init__(self, folder: Path, log: EventLog) -> None:
        self.file = folder / "config.yaml"
        self.state = folder / "state"
        self.detectors = 0
        self._log = log
        self._reloader = Reloader(
            ConfigLoader(self.file, {}, self.state),
            Loaded(Config()),
            Anonymizer(AnonymizerSettings()),
            cast(InferenceStage, SimpleNamespace(info=None, replace=self._count)),
            cast(SessionLoop, SimpleNamespace(configure=lambda *_, **__: None)),
        )

    def _count(self, *_: object) -> None:
        self.detectors += 1

    def reload(self) -> tuple[str, ...]:
        """Reload the file; the problems."""
        accepted, rejected = (
            len(self._log.of(event)) for event in (Event.CONFIG_RELOADED, Event.CONFIG_REJECTED)
        )
        before = self._reloader.config
        self._reloader.reload()
        reported = (
            len(self._log.of(Event.CONFIG_RELOADED)) - accepted,
            len(self._log.of(Event.CONFIG_REJECTED)) - rejected,
        )
        problems = self._reloader.problems
        assert reported == ((0, 1) if problems else (1, 0))
        if problems:
            assert self._reloader.config is before
        else:
            assert recall(self.state) == self._reloader.config
        return problems


@pytest.fixture
def reloading(tmp_path: Path, event_log: EventLog) -> Reloading:
    return Reloading(tmp_path, event_log)


VERDICTS: Counter[str] = Counter()


@settings(
    max_examples=MUTATIONS,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(text=st.one_of(mutated_values(), mutated_texts()))
def test_a_mutated_configuration_is_accepted_or_rejected_with_a_place(
    reloading: Reloading, text: str
) -> None:
    reloading.file.write_bytes(text.encode("utf-8", "surrogatepass"))
    checked = CliRunner().invoke(check_config, [str(reloading.file)])
    assert checked.exit_code in (0, 2), checked.exception
    assert isinstance(checked.exception, SystemExit | None)
    shown = checked.stderr.splitlines()
    lines = tuple(line for line in shown if not line.startswith("advice: "))
    assert all(line.startswith(f"advice: {reloading.file}:") for line in shown if line not in lines)
    assert bool(lines) == (checked.exit_code == 2)
    problems = reloading.reload()
    if lines:
        assert tuple(map(printable, problems)) == lines
    # What a reload finds beyond that has its place too.
    assert all(problem.startswith(f"{reloading.file}:") for problem in problems)
    assert all("Traceback" not in problem for problem in problems)
    VERDICTS["accepted" if not problems else "rejected"] += 1


def test_of_the_mutated_configurations_many_were_accepted_and_many_rejected() -> None:
    if not VERDICTS:
        pytest.skip("it looks at what the test before it has counted")
    assert VERDICTS.total() >= MUTATIONS
    assert min(VERDICTS.values()) > MUTATIONS // 10, VERDICTS
