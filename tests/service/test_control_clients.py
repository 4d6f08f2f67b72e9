from hypothesis import given
from hypothesis import strategies as st

from anoncam.service.control_clients import MOST, MOST_PER_USER, Client, Clients

OWNER, FRIEND, STRANGER = 900, 1000, 1001


def client(user: int, *, asks: bool = False) -> Client:
    return Client(None, user, user == OWNER, 1.0, b"snapshot\n" if asks else b"")  # type: ignore[arg-type]


def filled(*users: int, asking: bool = False) -> tuple[Clients, list[Client]]:
    clients = Clients()
    there = [client(user, asks=asking) for user in users]
    assert [clients.add(each) for each in there] == [None] * len(there)
    return clients, there


def crowd(most: int) -> list[int]:
    """Users of as many clients as there may be, none of them with too many."""
    return [2000 + number // MOST_PER_USER for number in range(most)]


def test_a_user_with_too_many_clients_loses_the_oldest_idle_one() -> None:
    clients, there = filled(*[STRANGER] * MOST_PER_USER)
    there[0].request = b"snapshot\n"
    new = client(STRANGER)
    assert clients.add(new) is there[1]
    assert list(clients) == [there[0], *there[2:], new]


def test_a_user_all_of_whose_clients_wait_for_answers_gets_no_more() -> None:
    clients, there = filled(*[STRANGER] * MOST_PER_USER, asking=True)
    new = client(STRANGER)
    assert clients.add(new) is new
    assert list(clients) == there


def test_with_too_many_clients_the_oldest_idle_one_goes() -> None:
    clients, there = filled(OWNER, *crowd(MOST - 1))
    new = client(FRIEND)
    assert clients.add(new) is there[1]
    assert len(list(clients)) == MOST


def test_a_trusted_client_gets_in_even_if_all_others_wait_for_answers() -> None:
    clients, there = filled(*crowd(MOST), asking=True)
    refused = client(FRIEND)
    assert clients.add(refused) is refused
    assert clients.add(client(OWNER)) is there[0]


@given(
    st.lists(st.tuples(st.sampled_from([OWNER, *range(2000, 2010)]), st.booleans()), max_size=90)
)
def test_no_other_user_ever_takes_a_place_of_the_owner(arrivals: list[tuple[int, bool]]) -> None:
    clients = Clients()
    for user, asks in arrivals:
        new = client(user, asks=asks)
        gone = clients.add(new)
        if gone is not None and gone.user == OWNER:
            assert user == OWNER
            assert gone is not new
        users = [each.user for each in clients]
        assert len(users) <= MOST
        assert all(users.count(each) <= MOST_PER_USER for each in users)


def test_deadlines_expire_but_not_for_those_who_wait_for_an_answer() -> None:
    clients, there = filled(FRIEND, STRANGER, OWNER)
    there[0].deadline, there[1].deadline, there[2].deadline = 3.0, None, 5.0
    assert clients.next_deadline() == 3.0
    assert clients.expired(2.9) == []
    assert clients.expired(4.0) == [there[0]]
    assert Clients().next_deadline() is None
