import threading

import pytest

from anoncam.sources.shared_handle import SharedHandle


def test_it_is_closed_once_however_often_close_is_called() -> None:
    closed: list[bool] = []
    handle = SharedHandle(lambda: closed.append(True))
    handle.close()
    handle.close()
    assert closed == [True]


def test_it_stays_open_until_the_last_user_is_done() -> None:
    closed: list[bool] = []
    handle = SharedHandle(lambda: closed.append(True))
    assert handle.acquire()
    with handle.using() as usable:
        assert usable
        handle.close()
    assert closed == []
    handle.release()
    assert closed == [True]


def test_nobody_becomes_a_user_after_close() -> None:
    handle = SharedHandle(lambda: None)
    handle.close()
    assert not handle.acquire()
    with handle.using() as usable:
        assert not usable


def test_an_exception_in_the_block_releases_the_handle() -> None:
    closed: list[bool] = []
    handle = SharedHandle(lambda: closed.append(True))
    with pytest.raises(KeyError), handle.using():
        raise KeyError
    handle.close()
    assert closed == [True]


def test_users_in_many_threads_never_use_a_closed_handle() -> None:
    closed = threading.Event()
    busy = threading.Event()
    handle = SharedHandle(closed.set)
    met: list[bool] = []

    def use() -> None:
        while True:
            with handle.using() as usable:
                if not usable:
                    return
                met.append(closed.is_set())
            if len(met) > 100:
                busy.set()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    busy.wait()
    handle.close()
    for thread in threads:
        thread.join()
    assert closed.is_set()
    assert not any(met)
