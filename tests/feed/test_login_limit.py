from anoncam.clock import NANOSECONDS
from anoncam.feed.login_limit import DAY, FIRST_WAIT, FREE, LONGEST_WAIT, MOST, LoginLimit
from tests.support.frames import FakeClock


def test_the_fifth_wrong_password_makes_one_wait_and_each_further_one_twice_as_long() -> None:
    clock = FakeClock()
    limit = LoginLimit(clock)
    for _ in range(FREE):
        limit.fail("10.0.0.1")
    assert limit.wait("10.0.0.1") == 0
    limit.fail("10.0.0.1")
    assert limit.wait("10.0.0.1") == FIRST_WAIT
    clock.advance(FIRST_WAIT)
    assert limit.wait("10.0.0.1") == 0
    limit.fail("10.0.0.1")
    assert limit.wait("10.0.0.1") == 2 * FIRST_WAIT
    assert limit.wait("10.0.0.2") == 0


def test_the_right_password_ends_the_wait_for_the_next_time() -> None:
    limit = LoginLimit(FakeClock())
    for _ in range(FREE + 1):
        limit.fail("10.0.0.1")
    limit.succeed("10.0.0.1")
    assert limit.wait("10.0.0.1") == 0


def test_a_guesser_with_many_addresses_waits_too() -> None:
    limit = LoginLimit(FakeClock())
    for number in range(100):
        limit.fail(f"10.0.0.{number}")
    assert limit.wait("10.9.9.9") == LONGEST_WAIT


def test_memory_is_bounded() -> None:
    limit = LoginLimit(FakeClock())
    for number in range(3 * MOST):
        limit.fail(str(number))
    assert len(limit._failures) == MOST


def test_wrong_passwords_are_forgotten_a_day_later() -> None:
    clock = FakeClock()
    limit = LoginLimit(clock)
    for _ in range(100):
        limit.fail("10.0.0.1")
    clock.advance(DAY)
    limit.fail("10.0.0.1")
    assert limit.wait("10.0.0.1") == limit.wait("10.0.0.2") == 0


def test_whoever_guesses_from_everywhere_for_a_day_makes_less_than_two_hundred_guesses() -> None:
    clock, guesses = FakeClock(), 0
    limit = LoginLimit(clock)
    while clock.monotonic() < DAY * NANOSECONDS:
        limit.fail(f"10.0.0.{guesses}")
        guesses += 1
        clock.advance(limit.wait("10.9.9.9"))
    assert 100 < guesses < 200


def test_without_the_common_count_one_address_never_keeps_another_one_out() -> None:
    clock = FakeClock()
    limit = LoginLimit(clock, together=False)
    for _ in range(100):
        limit.fail("a recorder with an old password")
        clock.advance(LONGEST_WAIT)
    limit.fail("a recorder with an old password")
    assert limit.wait("a recorder with an old password") == LONGEST_WAIT
    assert limit.wait("somebody else") == 0
