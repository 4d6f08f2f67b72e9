"""The promises on the security page: each names its tests."""

import re

import pytest

from tests.support.checkout import ROOT

PAGE = (ROOT / "docs/security.md").read_text()


def test_every_promise_names_a_test() -> None:
    promises = PAGE.split("## Promises")[1].split("## Out of scope")[0].split("\n**")[1:]
    assert [promise.partition(".")[0] for promise in promises] == [str(n) for n in range(1, 15)]
    assert all(re.search(r"^- `test_\w+`$", promise, re.MULTILINE) for promise in promises)


@pytest.mark.parametrize("suite", ["bookworm", "trixie"])
def test_every_wheel_is_pinned_by_a_hash(suite: str) -> None:
    text = (ROOT / f"systemd/debian/wheels-{suite}.txt").read_text().replace("\\\n", "")
    wheels = [line for line in text.splitlines() if line and not line.startswith("#")]
    assert wheels
    assert all(
        re.fullmatch(r"[a-z-]+==[0-9.]+( +--hash=sha256:[0-9a-f]{64})+", line.strip())
        for line in wheels
    )
    for script in ("install.sh", "systemd/debian/build"):
        assert "--require-hashes" in (ROOT / script).read_text()
