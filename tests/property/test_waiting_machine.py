"""A managed desk beside its twin, which is begun again from a snapshot wherever that is tried.

Everything that may happen to a desk, silence and standstills included; after each step the laws of
`law` hold, whoever came waits, is served or has left, and both desks told the same. A third desk of
the same policy is driven beside them: it must not matter.
"""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.property import law
from tests.unit.routing.hall import HALL, START, Hall, revision
from tierlane.policy.check.document import check
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import (
    Accepted,
    Declined,
    Event,
    Finished,
    Gone,
    Heard,
    Ordered,
    Published,
    Released,
    Reopened,
    Shut,
    SignedOff,
    Stood,
    Updated,
    Vanished,
)
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.value import format_time

RING = "contact.attributes.ring_at"
TEXT = (
    HALL.replace("attributes.wanted: text", f"attributes.wanted: text\n  {RING}: time")
    .replace("default: 1\n", "default: {start: 1, by: 1, every: 10s, to: 12}\n")
    .replace(
        "lasts: 10s}", f"lasts: 10s}}\n    not_before: {RING}\n    lapse: 5m\n    silence: 30s"
    )
    .replace("priority: 4,", "priority: {start: 4, by: 1, every: 10s, to: 12},")
    .replace("priority: 9}", "priority: {start: 9, by: 1, every: 10s, to: 12}}")
    .replace("  hall:\n", "  hall:\n    order: [score, waited]\n    bound: 2m\n")
)
POLICY = revision(text=TEXT)
LATER = revision("policy: hall", "policy: hall\ntime_zone: Asia/Tokyo", TEXT)
SUBJECTS = ("plain", "wanted", "quick", "scarce", "far", "patient")
ADVISORS = ("a", "b", "c")
DUTIES = {"a": "general", "b": "senior", "c": ""}

number = st.integers(0, 1000)
advisor = st.sampled_from(ADVISORS)


def test_the_bound_that_is_looked_at_is_one_that_the_check_proves() -> None:
    assert not {one.code for one in check(TEXT, "hall.yaml")} & {"bound"}


class Desks(RuleBasedStateMachine):
    """Two desks that are told the same, one of which is begun again now and then."""

    def __init__(self) -> None:
        """Begin with everybody at their desk."""
        super().__init__()
        self.hall, self.twin, self.aside = Hall(POLICY), ManagedDesk("hall", POLICY), Hall(POLICY)
        self.now, self.calls = 0, 0
        self.came: set[str] = set()
        self.gone: set[str] = set()
        self.tell(*(self.hall.seat(one, DUTIES[one]) for one in ADVISORS))

    # ------------------------------------------------------------------ how it is driven

    def tell(self, *events: Event) -> list[Change]:
        """Let things happen at both desks, each timer at its moment, and hold them together."""
        now = START + self.now * 1000
        while (due := self.hall.desk.next_deadline()) is not None and due < now:
            self.look(self.hall.desk.on_deadline(due), self.twin.on_deadline(due), due)
        self.calls += 1
        made = self.hall.desk.on_events(now, events, f"c{self.calls}")
        return self.look(made, self.twin.on_events(now, events, f"c{self.calls}"), now)

    def look(self, made: list[Change], twins: list[Change], now: int) -> list[Change]:
        """Follow who has left, and look at what was told."""
        assert made == twins
        for change in made:
            assert change.at <= now
            if change.kind in law.OVER:
                assert change.contact_id not in self.gone
                self.gone.add(change.contact_id)
        law.bound_kept(self.hall.desk, made, now)
        return made

    def pick(self, choice: int, *, offered: bool = False, served: bool = False) -> str:
        """Return the name of a contact, of those that are offered or served where there are any."""
        here = self.hall.desk.state.contacts
        liked = [k for k, one in here.items() if (one.offers if offered else one.served_by)]
        names = sorted(liked if (offered or served) and liked else here)
        return names[choice % len(names)] if names else "nobody"

    def contact(self, name: str, one: int, two: int) -> Any:
        """Make a contact up."""
        about: dict[str, Any] = {"wanted": ADVISORS[two % 3]} if two % 3 else {}
        if one % 5 == 0:
            about["ring_at"] = format_time(START + (self.now + two % 60) * 1000)
        channel = ("chat", "voice", "mail")[two % 3]
        return self.hall.arrival(
            name, self.now, channel, subject=SUBJECTS[one % len(SUBJECTS)], attributes=about
        )

    # ------------------------------------------------------------------ what may happen

    @rule(seconds=st.integers(1, 45))
    def wait(self, seconds: int) -> None:
        """Let time go by."""
        self.now += seconds
        self.tell()

    @rule(one=number, two=number)
    def arrive(self, one: int, two: int) -> None:
        """Let a contact come."""
        name = f"k{len(self.came)}"
        self.came.add(name)
        self.tell(self.contact(name, one, two))

    @rule(one=number, two=number)
    def update(self, one: int, two: int) -> None:
        """Decide a contact anew."""
        name = self.pick(one)
        self.tell(Updated(name, self.contact(name, one, two)._replace(contact_id=name).itinerary))

    @rule(one=number, other=advisor, mine=st.booleans(), take=st.booleans())
    def answer(self, one: int, other: str, mine: bool, take: bool) -> None:  # drawn
        """Accept or decline, mostly what is offered."""
        name = self.pick(one, offered=True)
        asked = [*getattr(self.hall.desk.state.contacts.get(name), "offers", ())]
        who = asked[one % len(asked)] if asked and mine else other
        made = self.tell((Accepted if take else Declined)(who, name))
        if take:
            law.answered(made, who, name)

    @rule(one=number, other=advisor)
    def finish(self, one: int, other: str) -> None:
        """Be done with a contact."""
        name = self.pick(one, served=True)
        found = self.hall.desk.state.contacts.get(name)
        self.tell(
            Finished(found.served_by if found is not None and found.served_by else other, name)
        )

    @rule(one=number, how=st.sampled_from(("abandoned", "ended")))
    def go(self, one: int, how: str) -> None:
        """Let a contact leave."""
        self.tell(Gone(self.pick(one), how))

    @rule(who=advisor, state=st.sampled_from(("on", "on", "break", "off")))
    def stand(self, who: str, state: str) -> None:
        """Change an advisor's readiness."""
        self.tell(Stood(who, state))

    @rule(who=advisor)
    def sign_on(self, who: str) -> None:
        """Let an advisor come."""
        self.tell(self.hall.seat(who, DUTIES[who]))

    @rule(who=advisor, silent=st.booleans())
    def leave(self, who: str, silent: bool) -> None:  # drawn
        """Let an advisor sign off, or vanish."""
        self.tell(Vanished(who) if silent else SignedOff(who))

    @rule(who=advisor, truth=st.booleans(), one=number)
    def beat(self, who: str, truth: bool, one: int) -> None:  # drawn
        """Send a heartbeat that lists what is held, or something else."""
        seat = self.hall.desk.state.seats.get(who)
        held = tuple(seat.held) if seat is not None else ()
        self.tell(Heard(who, held if truth else (*held[1:], self.pick(one))))

    @rule(one=number, lane=st.sampled_from(("people", "senior", "away")))
    def order(self, one: int, lane: str) -> None:
        """Order something."""
        name = self.pick(one, offered=True)
        orders = (
            Ordered(name, lane), Released(name), Reopened(lane),
            Shut(lane, START + (self.now + one % 30) * 1000),
        )  # fmt: skip
        self.tell(orders[one % 4])

    @rule(later=st.booleans())
    def publish(self, later: bool) -> None:  # drawn
        """Run the desk by another revision."""
        self.tell(Published(LATER if later else POLICY))

    @precondition(lambda self: not self.hall.desk.state.behind)
    @rule()
    def stand_still(self) -> None:
        """Begin a standstill."""
        self.hall.desk.fall_behind()
        self.twin.fall_behind()

    @precondition(lambda self: self.hall.desk.state.behind)
    @rule(seconds=st.integers(0, 90))
    def catch_up(self, seconds: int) -> None:
        """End it."""
        self.now += seconds
        self.calls += 1
        now, seats = START + self.now * 1000, set(self.hall.desk.state.seats)
        cause = f"c{self.calls}"
        made = self.hall.desk.caught_up(now, cause)
        self.look(made, self.twin.caught_up(now, cause), now)
        assert all(one.kind != "vanished" for one in made)
        assert set(self.hall.desk.state.seats) == seats
        moved = [one.contact_id for one in made if one.kind in ("entered", "stepped")]
        assert len(moved) == len(set(moved))

    @rule()
    def begin_again(self) -> None:
        """Restore the twin from its snapshot."""
        snapshot = self.twin.snapshot()
        self.twin = ManagedDesk.restore(snapshot, {one.hash: one for one in (POLICY, LATER)})
        assert self.twin.snapshot() == snapshot == self.hall.desk.snapshot()

    @rule(one=number, two=number)
    def aside_happens(self, one: int, two: int) -> None:
        """Let something happen at a desk that has nothing to do with these."""
        about = {"subject": SUBJECTS[one % 4]}
        self.aside.come(self.now, f"x{self.aside.calls}", ("chat", "mail")[two % 2], **about)
        self.aside.sign_on(self.now, ADVISORS[two % 3])

    # ------------------------------------------------------------------ what must be so

    @invariant()
    def laws(self) -> None:
        """Look at the laws."""
        desk = self.hall.desk
        assert set(desk.state.contacts) == self.came - self.gone
        law.consistent(desk)
        law.nobody_idles(desk, START + self.now * 1000)


TestDesks = Desks.TestCase
TestDesks.settings = settings(max_examples=60, stateful_step_count=50, deadline=None)
