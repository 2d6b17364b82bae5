"""Orders of an operator that break the bound of a desk, told by how much; and what is expected."""

import pytest

from tests.unit.routing.hall import START, Hall, kinds, offers, revision
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.routing.waiting.event import Gone, Halted, Ordered, Released, Resumed, Vanished
from tierlane.routing.waiting.managed import ManagedDesk

FAIR = revision("offer: {lasts: 10s}", "offer: {lasts: 300s}\n    bound: 20s")
ORDER = "order: [{first: contact.subject == 'quick'}, rank, waited]"
MARKED = revision("offer: {lasts: 10s}", f"offer: {{lasts: 300s}}\n    {ORDER}\n    bound: 20s")
ONE = Capacity(1, (Use("mail", 1),))


def overtaken(changes) -> list[tuple[str, str, int]]:
    return [(o.contact_id, o.reason, o.over) for o in changes if o.kind == "overtaken"]


def moved_ahead(policy, late: float, subject: str = "plain", lane: str = "senior") -> Hall:
    """Return a hall where `k2`, so much younger than `k1`, was moved to who takes it first."""
    hall = Hall(policy)
    hall.come(0, "k1", "mail")
    hall.come(late, "k2", "mail", subject=subject)
    hall.at(late, Ordered("k2", lane))
    return hall


@pytest.mark.parametrize(
    ("late", "told"), [(20, []), (20.001, [("k1", "k2", 1)]), (30, [("k1", "k2", 10_000)])]
)
def test_one_that_was_moved_ahead_passes_by_more_than_the_bound(late, told):
    hall = moved_ahead(FAIR, late)
    hall.at(
        31, hall.seat("b", "senior", capacity=ONE)
    )  # seniors first, people after 15 s and of a later rank
    assert ("b", "k2") in offers(hall.changes)
    assert overtaken(hall.accept(32, "b", "k2")) == told


def test_nothing_is_told_where_the_desk_has_no_bound():
    hall = moved_ahead(revision(), 30)
    hall.at(31, hall.seat("b", "senior", capacity=ONE))
    assert overtaken(hall.accept(32, "b", "k2")) == []


def test_nor_of_whom_the_advisor_could_not_have_taken():
    hall = moved_ahead(FAIR, 30)
    mail = hall.seat("b", "senior", capacity=ONE)._replace(channels=("mail",))
    hall.at(30, Gone("k1", "abandoned"))
    hall.at(30, hall.arrival("k0", 0, "voice"))
    hall.at(31, mail)
    assert overtaken(hall.accept(32, "b", "k2")) == []


def test_nor_of_what_an_order_did_not_concern():
    hall = Hall(FAIR)
    hall.come(0, "k1", "mail", subject="quick")
    hall.come(30, "k2", "mail")
    hall.sign_on(31, "a", "general")
    assert overtaken(hall.accept(32, "a", "k2") + hall.accept(33, "a", "k1")) == []


def test_one_that_the_order_marks_may_pass_anybody():
    hall = moved_ahead(MARKED, 30, "quick")
    hall.at(31, hall.seat("b", "senior", capacity=ONE))
    assert overtaken(hall.accept(32, "b", "k2")) == []


def test_one_taken_back_is_passed_while_who_had_it_is_not_asked_again():
    hall = Hall(FAIR)
    hall.sign_on(0, "a", "general")
    hall.come(1, "k1", "voice")
    hall.accept(2, "a", "k1")
    hall.come(25, "k2", "voice")
    assert offers(hall.at(26, Released("k1"))) == []
    assert offers(hall.at(31)) == [("a", "k2")]
    assert overtaken(hall.accept(32, "a", "k2")) == [("k1", "k2", 4_000)]


def test_a_desk_begun_again_remembers_whom_orders_concerned():
    hall = moved_ahead(FAIR, 30)
    hall.at(31, hall.seat("b", "senior", capacity=ONE))
    hall.desk = ManagedDesk.restore(hall.desk.snapshot(), {FAIR.hash: FAIR})
    assert overtaken(hall.accept(32, "b", "k2")) == [("k1", "k2", 10_000)]


def test_a_halted_desk_begun_again_is_halted_and_offers_all_on_resuming():
    hall = Hall(FAIR)
    hall.sign_on(0, "a", "general")
    hall.at(1, Halted())
    assert offers(hall.come(2, "k1", "voice")) == []
    hall.desk = ManagedDesk.restore(hall.desk.snapshot(), {FAIR.hash: FAIR})
    assert hall.desk.snapshot().halted
    assert offers(hall.come(3, "k2", "voice")) == []
    assert offers(hall.at(4, Resumed())) == [("a", "k1")]
    assert not hall.desk.snapshot().halted


# ---------------------------------------------------------------------- what is expected


def paced(policy=None) -> Hall:
    """Return a hall whose people took two contacts on, twenty seconds apart."""
    hall = Hall(policy)
    hall.sign_on(0, "a", "general")
    for second in (0, 20):
        hall.come(second, f"p{second}", "voice")
        hall.accept(second, "a", f"p{second}")
        hall.finish(second + 1, "a", f"p{second}")
    hall.at(21, Vanished("a"))
    return hall


def test_on_entering_each_is_told_its_place_and_wait_and_then_how_wrong_it_was():
    hall = paced()
    told = [hall.come(30 + n, f"k{n}", "voice")[0] for n in range(3)]
    assert [(one.kind, one.place, one.wait) for one in told] == [
        ("entered", 1, 20_000), ("entered", 2, 40_000), ("entered", 3, 60_000)
    ]  # fmt: skip
    hall.sign_on(35, "a", "general")
    (made,) = [one for one in hall.accept(36, "a", "k0") if one.kind == "confirmed"]
    assert made.missed_by == -14_000


def test_nothing_is_known_of_a_lane_that_took_nobody_on():
    hall = Hall()
    (made,) = hall.come(0, "k1")
    assert (made.place, made.wait) == (1, None)
    hall.sign_on(1, "a", "general")
    (made,) = [one for one in hall.accept(2, "a", "k1") if one.kind == "confirmed"]
    assert made.missed_by is None


def test_where_somebody_is_free_it_is_now():
    hall = paced()
    hall.sign_on(30, "a", "general")
    made = hall.come(31, "k1", "voice")
    assert (made[0].place, made[0].wait) == (1, 0)
    assert [one.missed_by for one in hall.accept(33, "a", "k1")] == [2_000]


def test_place_and_wait_at_any_moment_are_those_of_the_order():
    hall = paced()
    for number, subject in enumerate(["plain", "quick", "plain", "patient", "quick", "plain"]):
        hall.come(30 + number, f"k{number}", ("voice", "mail")[number % 2], subject=subject)
    state = hall.desk.state
    for second in (36, 60, 79):
        hall.at(second)
        now = START + second * 1000
        line = [
            one.waiting(one.alike, 1) for one in state.contacts.values() if one.lane == "people"
        ]
        order = [one.contact_id for one in state.book.line.order.sort(line, now)]
        found = [hall.desk.prospect(name, now) for name in order]
        assert [one.place for one in found] == list(range(1, len(order) + 1))
        assert [one.wait for one in found] == [20_000 * place for place in range(1, len(order) + 1)]


def test_who_is_being_asked_has_a_place_and_who_is_served_has_none():
    hall = paced()
    hall.come(30, "k1", "voice")
    hall.come(31, "k2", "voice")
    hall.sign_on(32, "a", "general")
    now = START + 33_000
    assert [hall.desk.prospect(name, now).place for name in ("k1", "k2")] == [1, 2]
    assert kinds(hall.accept(33, "a", "k1")) == ["confirmed"]
    assert hall.desk.prospect("k1", now) is None and hall.desk.prospect("nobody", now) is None
