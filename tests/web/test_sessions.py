from anoncam.web.passwords import Role
from anoncam.web.sessions import IDLE, LONGEST, MOST, Sessions
from tests.support.frames import FakeClock


def test_a_session_is_found_by_its_token_alone() -> None:
    sessions = Sessions(FakeClock())
    token = sessions.begin(Role.VIEWER)
    found = sessions.find(token)
    assert found is not None
    assert (found.role, sessions.find(""), sessions.find(token[:-1])) == (Role.VIEWER, None, None)
    assert found.csrf not in token


def test_a_session_ends_by_log_out_when_it_is_idle_and_in_any_case() -> None:
    clock = FakeClock()
    sessions = Sessions(clock)
    token, idle = sessions.begin(Role.ADMIN), sessions.begin(Role.ADMIN)
    for _ in range(LONGEST // IDLE * 2 - 1):
        clock.advance(IDLE / 2)
        assert sessions.find(token)
    assert sessions.find(idle) is None
    clock.advance(IDLE / 2)
    assert sessions.find(token) is None
    token = sessions.begin(Role.ADMIN)
    sessions.end(token)
    assert not sessions.is_open(token)


def test_to_look_whether_a_session_is_open_does_not_keep_it_open() -> None:
    clock = FakeClock()
    sessions = Sessions(clock)
    token = sessions.begin(Role.ADMIN)
    clock.advance(IDLE - 1)
    assert sessions.is_open(token)
    clock.advance(1)
    assert not sessions.is_open(token)


def test_whoever_may_only_watch_logs_nobody_else_out() -> None:
    sessions = Sessions(FakeClock())
    admin = sessions.begin(Role.ADMIN)
    for _ in range(2 * MOST):
        sessions.begin(Role.VIEWER)
    assert sessions.is_open(admin)


def test_there_are_no_more_sessions_than_the_limit() -> None:
    clock = FakeClock()
    sessions = Sessions(clock)
    tokens = []
    for _ in range(MOST + 1):
        tokens.append(sessions.begin(Role.ADMIN))
        clock.advance(1)
    assert [sessions.is_open(token) for token in tokens] == [False] + [True] * MOST
