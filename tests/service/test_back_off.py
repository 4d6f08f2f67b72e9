"""The pauses between attempts to open a source."""

from anoncam.errors import CameraError, CameraRefusalError
from anoncam.service.back_off import BACK_OFF, REFUSED_BACK_OFF, BackOff


def test_pauses_grow_to_the_last_one() -> None:
    back_off = BackOff()
    pauses = [back_off.fail(CameraError("gone")) for _ in range(6)]
    assert pauses == [*BACK_OFF, BACK_OFF[-1], BACK_OFF[-1]]


def test_a_refused_password_is_tried_fewer_than_five_times_in_half_an_hour() -> None:
    back_off = BackOff()
    at, attempts = 0.0, 0
    while at < 1800:
        attempts += 1
        at += back_off.fail(CameraRefusalError("refused"))
    assert attempts < 5
    assert REFUSED_BACK_OFF[0] >= 60


def test_other_failures_in_between_do_not_shorten_the_pause_after_a_refusal() -> None:
    back_off = BackOff()
    first = back_off.fail(CameraRefusalError("refused"))
    assert back_off.fail(CameraError("starts again")) < first
    assert back_off.fail(CameraRefusalError("refused")) > first


def test_after_a_success_it_begins_again() -> None:
    back_off = BackOff()
    for error in (CameraError("gone"), CameraRefusalError("refused")):
        first = back_off.fail(error)
        back_off.fail(error)
        back_off.clear()
        assert back_off.fail(error) == first
        back_off.clear()
