import pytest

from anoncam import clock


class Kernel:
    """adjtimex as the kernel answers it."""

    def __init__(self, answer: int) -> None:
        self.answer = answer

    def adjtimex(self, _: object) -> int:
        return self.answer


@pytest.mark.parametrize(("answer", "trusted"), [(0, True), (1, True), (5, False), (-1, False)])
def test_the_clock_is_trusted_as_far_as_the_kernel_trusts_it(
    monkeypatch: pytest.MonkeyPatch, answer: int, trusted: bool
) -> None:
    monkeypatch.setattr(clock, "_libc", Kernel(answer))
    assert clock.is_synchronized() is trusted


def test_the_kernel_of_this_machine_can_be_asked() -> None:
    assert clock.is_synchronized() in {True, False}
