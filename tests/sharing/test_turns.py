from hypothesis import given
from hypothesis import strategies as st

from anoncam.sharing.turns import Turns


def test_who_wants_much_is_passed_by_who_wants_little() -> None:
    turns = Turns[str, int]()
    for number in range(5):
        turns.wait("floods", number)
    turns.wait("calm", 0)

    order = [turns.next() for _ in range(7)]

    assert order[:3] == [("floods", 0), ("calm", 0), ("floods", 1)]
    assert order[-1] is None


def test_who_has_gone_gets_no_turn_and_costs_none() -> None:
    turns = Turns[str, int]()
    for who in ("a", "b", "c"):
        turns.wait(who, 1)
    turns.remove("b")
    turns.remove("never there")

    assert [turns.next(), turns.next(), turns.next()] == [("a", 1), ("c", 1), None]
    assert not turns


@given(st.lists(st.integers(0, 4), max_size=60), st.data())
def test_nobody_is_passed_twice_by_the_same_while_it_waits(
    coming: list[int], data: st.DataObject
) -> None:
    turns = Turns[int, int]()
    passed_by: dict[int, list[int]] = {}
    taken: dict[int, list[int]] = {}
    for number, who in enumerate(coming):
        turns.wait(who, number)
        passed_by.setdefault(who, [])
        while bool(turns) and data.draw(st.booleans()):
            turn = turns.next()
            assert turn is not None
            taken.setdefault(turn[0], []).append(turn[1])
            passed_by.pop(turn[0])
            for others in passed_by.values():
                others.append(turn[0])
                assert len(set(others)) == len(others)
            if turns.count(turn[0]):
                passed_by[turn[0]] = []
    assert all(what == sorted(what) for what in taken.values())
