"""The law of timers finds each way to break it, in audits made up by hand; and passes the rest."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from storm.desk.record import ACCEPTED, HEARTBEAT, Bounds, Heard, Noted
from storm.desk.timing import Timing
from storm.law import Faults

ENDS = {"everybody": (4_000,), "far": (3_000, 8_000)}
BOUNDS = Bounds(at_once=1, units=100, costs={}, silence=3_000, ends=ENDS)


@dataclass
class Audit:
    """The audit of one desk's owner, record by record; times are in ms from the beginning on."""

    records: list[Noted] = field(default_factory=list)
    heard: list[tuple[int, Heard]] = field(default_factory=list)
    arrived: dict[str, int] = field(default_factory=dict)

    def note(self, kind: str, moment: int, contact: str = "", **more: object) -> Noted:
        """Add what a record of the log brought about."""
        number = len(self.records) + 1
        plain = Noted(
            f"{kind}@{moment}", kind, "desk-0", number, contact, "ann", "o1", None, 0, again=False,
            moment=moment, heard_to=len(self.heard),
        )  # fmt: skip
        self.records.append(plain._replace(**more))  # type: ignore[arg-type]
        return self.records[-1]

    def fire(self, kind: str, due: int, contact: str = "", **more: object) -> Noted:
        """Add what a timer brought about, as late as the desk had something to do."""
        return self.note(kind, due, contact, **{"due": due, "fired": due + 40, **more})

    def hear(self, logged: int, kind: str = HEARTBEAT) -> None:
        """Let the log take something from the advisor."""
        self.heard.append((len(self.heard), Heard(kind, "ann", logged)))

    def enter(self, contact: str, arrived: int, plan: str = "everybody") -> None:
        """Let a contact arrive, and come into the first step of its plan."""
        self.arrived[contact] = arrived
        self.note("entered", arrived, contact, plan=plan, step=1)

    def offer(self, moment: int, offer: str = "o1") -> None:
        """Put a contact to the advisor, for two seconds."""
        self.note("offered", moment, "k1", offer_id=offer, expires=moment + 2_000)

    def faults(self) -> dict[str, int]:
        """Judge it."""
        found = Faults()
        Timing(found, BOUNDS, self.arrived, self.heard).play(self.records)
        return dict(found.counts)


def served(audit: Audit) -> None:
    audit.enter("k1", 1_000)
    audit.offer(1_000)
    audit.fire("expired", 3_000, "k1")
    audit.offer(4_000, "o2")
    audit.fire("moved", 5_000, "k1", plan="everybody", step=2)
    audit.note("confirmed", 5_500, "k1", offer_id="o2")
    audit.note("finished", 90_000, "k1")


def handed_over(audit: Audit) -> None:
    audit.enter("k1", 1_000, "far")
    audit.fire("handed_over", 4_000, "k1", plan="far", step=1)
    audit.note("moved", 4_010, "k1", plan="far", step=2)
    audit.fire("handed_over", 9_000, "k1", plan="far", step=2)
    audit.note("no_effect", 50_000)


def returned(audit: Audit) -> None:
    """Let a contact come back whose step ended while it was served: it moves at once."""
    audit.enter("k1", 1_000)
    audit.offer(1_000)
    audit.note("confirmed", 1_200, "k1")
    audit.note("returned", 20_000, "k1", plan="everybody", step=1)
    audit.note("moved", 20_000, "k1", plan="everybody", step=2)
    audit.note("finished", 30_000, "k1")


def vanished(audit: Audit) -> None:
    audit.note("signed_on", 0)
    for logged in (500, 1_200, 2_100):
        audit.hear(logged)
    audit.hear(2_400, ACCEPTED)
    audit.note("no_effect", 5_400)
    audit.fire("vanished", 5_400)
    audit.note("no_effect", 70_000)


def never_heard(audit: Audit) -> None:
    """Let somebody be there who sends no heartbeats: they may say nothing for long."""
    audit.note("signed_on", 0)
    audit.hear(200, ACCEPTED)
    audit.note("no_effect", 70_000)


def not_read_yet(audit: Audit) -> None:
    """Let a heartbeat lie in the log that the owner had not read when it found somebody silent."""
    audit.note("signed_on", 0)
    audit.hear(500)
    audit.fire("vanished", 3_500)
    audit.hear(3_100)
    audit.note("no_effect", 90_000)


def stood_still(audit: Audit) -> None:
    """Let an owner be away for a minute: offers end in time, and all else by its return."""
    audit.note("signed_on", 0)
    audit.hear(500)
    audit.enter("k1", 1_000, "far")
    audit.offer(1_000)
    audit.note("stood_still", 0)
    audit.fire("expired", 3_000, "k1")
    audit.note("caught_up", 61_000)
    audit.fire("handed_over", 4_000, "k1", fired=61_000, plan="far", step=2)
    audit.fire("vanished", 64_000)
    audit.note("no_effect", 70_000)


GOOD = (served, handed_over, returned, vanished, never_heard, not_read_yet, stood_still)


@pytest.mark.parametrize("story", GOOD)
def test_timers_that_kept_their_times(story: Callable[[Audit], None]) -> None:
    audit = Audit()
    story(audit)
    assert audit.faults() == {}


def without(kind: str, story: Callable[[Audit], None]) -> Audit:
    """Return an audit in which what a timer brought about is missing."""
    audit = Audit()
    story(audit)
    audit.records = [one for one in audit.records if one.kind != kind or not one.due]
    return audit


@pytest.mark.parametrize(
    ("kind", "story"),
    [
        ("expired", served),
        ("moved", served),
        ("handed_over", handed_over),
        ("vanished", vanished),
        ("handed_over", stood_still),
        ("expired", stood_still),
        ("vanished", stood_still),
    ],
)
def test_forgotten(kind: str, story: Callable[[Audit], None]) -> None:
    assert without(kind, story).faults()["timer forgotten"] >= 1


def test_forgotten_when_a_contact_comes_back() -> None:
    audit = Audit()
    returned(audit)
    audit.records = [one for one in audit.records if one.kind != "moved"]
    assert audit.faults() == {"timer forgotten": 1}


@pytest.mark.parametrize(("kind", "story"), [("expired", served), ("vanished", vanished)])
def test_fired_twice(kind: str, story: Callable[[Audit], None]) -> None:
    audit = Audit()
    story(audit)
    (first,) = [one for one in audit.records if one.kind == kind]
    audit.records.insert(audit.records.index(first), first)
    assert audit.faults() == {"timer fired twice, or for nothing": 1}


def test_a_step_ends_twice() -> None:
    audit = Audit()
    handed_over(audit)
    last = audit.records[-2]
    assert last.kind == "handed_over"
    # The second step lasts until 9,000: what ends it at 4,000 is the timer of the first again.
    audit.records[-2] = last._replace(due=4_000, moment=4_020, fired=4_020)
    assert audit.faults() == {"timer fired before its time": 1}


@pytest.mark.parametrize(
    ("kind", "story"),
    [("expired", served), ("moved", served), ("vanished", vanished), ("handed_over", handed_over)],
)
@pytest.mark.parametrize("early", [1, 700])
def test_fired_before_its_time(kind: str, story: Callable[[Audit], None], early: int) -> None:
    audit = Audit()
    story(audit)
    number = next(n for n, one in enumerate(audit.records) if one.kind == kind and one.due)
    due = audit.records[number].due - early
    audit.records[number] = audit.records[number]._replace(due=due, moment=due, fired=due)
    assert audit.faults() == {"timer fired before its time": 1}


def test_fired_by_a_clock_that_was_not_there_yet() -> None:
    audit = Audit()
    served(audit)
    number = next(n for n, one in enumerate(audit.records) if one.kind == "expired")
    audit.records[number] = audit.records[number]._replace(fired=2_999)
    assert audit.faults() == {"timer fired before its time": 1}
