"""Laws of a managed desk, over histories that Hypothesis makes up.

Nobody over capacity; nobody offered or served in two places; who came waits, is served or has left;
no advisor idles while a contact they may take waits; every acceptance is answered; nobody goes back
to an earlier step; and a desk begun again from a snapshot goes on as if nothing had happened.
"""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.routing.hall import HALL, START, Hall, offers, revision
from tierlane.decision import FALLBACK
from tierlane.policy.deciding.itinerary import Leg
from tierlane.policy.form.capacity import Capacity, Use
from tierlane.policy.line.ordering import score
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.event import (
    Accepted,
    Declined,
    Event,
    Finished,
    Gone,
    Ordered,
    Released,
    Reopened,
    Shut,
    SignedOn,
    Stood,
    Updated,
    Vanished,
)
from tierlane.routing.waiting.managed import ManagedDesk

POLICY = revision()
TWO_AT_ONCE = revision("offer: {lasts: 10s}", "offer: {lasts: 10s, at_once: 2, again: 7s}")
SUBJECTS = ("plain", "wanted", "quick", "scarce", "far", "patient")
ADVISORS = ("a", "b", "c", "d")
DUTIES = {"a": "general", "b": "senior", "c": "", "d": "general"}
KINDS = (
    "come", "come", "come", "on", "on", "stand", "vanish", "accept", "accept", "accept", "decline",
    "finish", "finish", "go", "shut", "open", "order", "release", "update", "wait",
)  # fmt: skip

Row = tuple[int, str, int, int]
"""Seconds since the row before, what happens, and two numbers to choose by."""

histories = st.lists(
    st.tuples(
        st.integers(0, 9), st.sampled_from(KINDS), st.integers(0, 1000), st.integers(0, 1000)
    ),
    min_size=15,
    max_size=60,
)


class History:
    """Tells a desk, and keeps what must stay so."""

    def __init__(self, policy: Any, kind: type[ManagedDesk] = ManagedDesk) -> None:
        self.hall = Hall(policy)
        self.hall.desk = kind("hall", policy)
        self.now = 0
        self.came: set[str] = set()
        self.gone: set[str] = set()
        self.steps: dict[str, tuple[int, str, int]] = {}
        self.hall.at(0, *(self.hall.seat(one, DUTIES[one]) for one in ADVISORS))

    @property
    def desk(self) -> ManagedDesk:
        """The desk."""
        return self.hall.desk

    def event(self, kind: str, one: int, two: int) -> Event | None:  # noqa: PLR0911 # a table
        """Make an event up, about what there is where there is any."""
        contacts = sorted(self.desk.state.contacts)
        name = contacts[one % len(contacts)] if contacts else "nobody"
        standing = self.desk.state.contacts.get(name)
        advisor = ADVISORS[two % 4]
        if kind == "come":
            return self.arrival(f"k{len(self.came)}", one, two)
        if kind == "on":
            return self.hall.seat(advisor, DUTIES[advisor])
        if kind == "stand":
            return Stood(advisor, ("on", "on", "on", "break", "off")[one % 5])
        if kind == "vanish":
            return Vanished(advisor)
        if kind in ("accept", "decline"):
            offered = [key for key in contacts if self.desk.state.contacts[key].offers]
            if offered and one % 7:
                name = offered[one % len(offered)]
            standing = self.desk.state.contacts.get(name)
            asked = [*standing.offers] if standing is not None else []
            who = asked[two % len(asked)] if asked and one % 5 else advisor
            return (Accepted if kind == "accept" else Declined)(who, name)
        if kind == "finish":
            served = [key for key in contacts if self.desk.state.contacts[key].served_by]
            name = served[one % len(served)] if served else name
            who = self.desk.state.contacts[name].served_by if served else advisor
            return Finished(who, name)
        if kind == "update":
            return Updated(name, self.arrival(name, one, two).itinerary) if standing else None
        return {
            "go": Gone(name, "abandoned"),
            "shut": Shut("people", START + (self.now + two % 30) * 1000),
            "open": Reopened("people"),
            "order": Ordered(name, ("senior", "people", "away")[two % 3]),
            "release": Released(name),
            "wait": None,
        }[kind]

    def arrival(self, name: str, one: int, two: int) -> Any:
        """Make a contact up."""
        about: dict[str, Any] = {"subject": SUBJECTS[one % len(SUBJECTS)]}
        if two % 3:
            about["attributes"] = {"wanted": ADVISORS[two % 4]}
        channel = ("chat", "voice", "mail")[two % 3]
        return self.hall.arrival(name, self.now, channel, **about)

    def tell(self, row: Row) -> list[Change]:
        """Let one row happen."""
        after, kind, one, two = row
        self.now += after
        event = self.event(kind, one, two)
        if kind == "come":
            self.came.add(f"k{len(self.came)}")
        made = self.hall.at(self.now, *([] if event is None else [event]))
        self._follow(made)
        return made

    def _follow(self, made: list[Change]) -> None:
        for change in made:
            if change.kind in ("left", "closed", "finished", "handed over"):
                self.gone.add(change.contact_id)

    # ------------------------------------------------------------------ what must stay so

    def look(self) -> None:
        """Look at everything that must always be so."""
        state = self.desk.state
        assert set(state.contacts) == self.came - self.gone
        for seat in state.seats.values():
            used = seat.capacity.used(seat.counts)
            assert used <= seat.capacity.units + 1e-6
            assert seat.counts.get("chat", 0) <= 2
            for name in seat.held:
                assert state.contacts[name].served_by == seat.id
            for name in seat.offered:
                assert seat.id in state.contacts[name].offers
        for standing in state.contacts.values():
            self._look_at(standing)
        waiting = [mark for row in state.line.waiting.values() for mark in row]
        assert sorted(name for _, name in waiting) == sorted(
            name for name, one in state.contacts.items() if one.waits()
        )
        assert len(state.offers) == sum(len(one.offers) for one in state.contacts.values())
        self._nobody_idles()
        self._roster_is_true()

    def _look_at(self, standing: Standing) -> None:
        state = self.desk.state
        assert not (standing.offers and standing.served_by)
        assert len(standing.offers) <= state.book.line.offer.at_once
        assert standing.due > START + self.now * 1000 or standing.served_by
        if isinstance(standing.step, int):
            assert standing.step >= 1
            moved, plan, step = self.steps.get(standing.id, (0, "", 0))
            if (moved, plan) == (standing.moved, standing.plan):
                assert standing.step >= step or standing.id in self.updated
            self.steps[standing.id] = (standing.moved, standing.plan, standing.step)
        if standing.itinerary.channel == "voice":
            assert standing.itinerary.lifted(standing.priority).start >= 2
        if standing.served_by:
            assert standing.id in state.seats[standing.served_by].held

    updated: frozenset[str] = frozenset()

    def _roster_is_true(self) -> None:
        """What is derived from the seats is as if it were derived now: see `DeskState.stir`."""
        state, now = self.desk.state, START + self.now * 1000
        roster = state.roster.as_of(now)
        assert [one for one in roster.seats if one is not None] == sorted(
            state.seats.values(), key=lambda one: one.number
        )
        for seat in state.seats.values():
            assert bool(roster.ready & seat.bit) == seat.ready(now)
            assert bool(roster.on & seat.bit) == (seat.state == "on")
            for channel in ("chat", "voice", "mail", "letter"):
                has_room = not seat.capacity.refuses(channel, seat.counts)
                assert bool(roster.with_room(channel) & seat.bit) == has_room
            rows = [row for bay, _ in seat.bays for row in bay.members]
            suited = {one for one in state.line.rows.values() if self._suits(one, seat)}
            assert {row for row in rows if roster.fit(row) & seat.bit} == suited
            assert len(set(rows)) == len(rows)
        assert set(state.line.filled) == {one for one in state.line.rows.values() if one.marks}

    def _suits(self, row: Any, seat: Any) -> bool:
        leg = Leg("", wants=row.alike.wants)
        return not self.desk.asking.unsuited(leg, row.alike.lanes, row.alike.channel, seat)

    def _nobody_idles(self) -> None:
        state, now = self.desk.state, START + self.now * 1000
        for seat in state.seats.values():
            if not seat.ready(now):
                continue
            for standing in state.contacts.values():
                free = standing.waits() and len(standing.offers) < state.book.line.offer.at_once
                if free and seat.id not in standing.offers:
                    assert self.desk.asking.refusal(standing, seat, now)


@given(histories, st.booleans())
@settings(max_examples=150)
def test_what_must_always_be_so(rows: list[Row], two: bool) -> None:
    history = History(TWO_AT_ONCE if two else POLICY)
    for row in rows:
        before = {name: one.step for name, one in history.desk.state.contacts.items()}
        made = history.tell(row)
        if row[1] == "update":  # decided again: another plan may have the same name later
            history.updated |= frozenset(before)
        # Who is taken back after resting in the fallback begins anew, as if decided again.
        back = (one.contact_id for one in made if one.kind == "returned")
        history.updated |= {name for name in back if before[name] == FALLBACK}
        history.look()
        if row[1] == "accept":
            answers = ("confirmed", "confirmed again", "revoked")
            answered = [one for one in made if one.kind in answers]
            assert answered


@given(histories, st.integers(1, 7), st.booleans())
@settings(max_examples=100)
def test_begun_again_from_a_snapshot_it_goes_on_as_if_nothing_had_happened(
    rows: list[Row], every: int, two: bool
) -> None:
    policy = TWO_AT_ONCE if two else POLICY
    kept, again = History(policy), History(policy)
    for number, row in enumerate(rows):
        if number % every == 0:
            snapshot = again.desk.snapshot()
            again.hall.desk = ManagedDesk.restore(snapshot, {policy.hash: policy})
            assert again.desk.snapshot() == snapshot
        assert again.tell(row) == kept.tell(row)
    if kept.desk.next_deadline() is None and (due := again.desk.next_deadline()) is not None:
        # One that begins again looks once more at rows with a budget, and finds nothing new.
        assert again.desk.on_deadline(due) == []
        assert again.desk.next_deadline() is None


@given(st.permutations(range(6)), st.lists(st.integers(0, 1000), min_size=6, max_size=6))
def test_the_order_in_which_contacts_of_one_moment_are_told_does_not_matter(
    order: list[int], chosen: list[int]
) -> None:
    def told(numbers: list[int]) -> list[tuple[str, str]]:
        history = History(POLICY)
        history.now = 1
        # The subject `plain` alone: a lane that is full takes who is told first.
        arrivals = [history.arrival(f"k{n}", 6 * chosen[n], chosen[n]) for n in numbers]
        return sorted(offers(history.hall.at(1, *arrivals)))

    assert told(order) == told(sorted(order))


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=25))
def test_one_advisor_takes_contacts_by_score_and_then_by_age(
    contacts: list[tuple[int, bool]],
) -> None:
    """Held against sorting all that wait anew each time."""
    text = HALL.replace("limit: {waiting: 6}", "limit: {waiting: 99}")
    text = text.replace("until: 50s}, {lane: senior, until: 90s}", "until: 9m}")
    hall = Hall(revision(text=text))
    came: dict[str, int] = {}
    for number, (seconds, quick) in enumerate(sorted(contacts)):
        came[f"k{number:02}"] = seconds
        hall.come(seconds, f"k{number:02}", "mail", subject="quick" if quick else "plain")
    now = 41
    hall.sign_on(now, "a", capacity=Capacity(1, (Use("mail", 1),)))
    standing = dict(hall.desk.state.contacts)

    def place(name: str) -> tuple[float, int, str]:
        priority = standing[name].itinerary.priority
        return -score(priority, (now - came[name]) * 1000), came[name], name

    while came:
        first = min(came, key=place)
        assert offers(hall.changes)[-1] == ("a", first)
        hall.accept(now, "a", first)
        now += 7
        hall.finish(now, "a", first)
        del came[first]


def test_a_seat_that_is_told_twice_is_one() -> None:
    hall = Hall()
    event = hall.seat("a", "general")
    assert isinstance(event, SignedOn)
    hall.at(0, event, event)
    assert list(hall.desk.state.seats) == ["a"]
