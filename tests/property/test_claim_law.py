"""Laws of advisors who change desk, over histories that Hypothesis makes up.

Desks, and the owners of the advisors' ids, lie on three partitions. Owners read when the history
lets them, are ended and begun again from their changelogs, and records of claims come twice, as
they may at least once.
"""

from functools import partial
from typing import Any, Final

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.driver import MANAGED, MASK_KEY, Sent
from tests.contract.event import advisor, arrived
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.routing.desk import Desk
from tierlane.routing.hosting.claim import CLAIM_EVENTS
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place

POLICY: Final = compile_policy(MANAGED.read_text(encoding="utf-8"), MANAGED.name)
NOW: Final = 1_772_453_645_120
PARTITIONS: Final = 3
"""`hall` lies on 0, `tower` on 1, and the ids of the advisors on 1 and 2."""
DESKS: Final = ("hall", "tower")
ADVISORS: Final = ("a-1", "a-2")
LATEST: Final = 8
"""Records of claims of which one may come again: those of a transaction or two."""
MADE: Final = {
    "intake": partial(Intake, deployment="d1", revision=POLICY, mask=Mask(MASK_KEY)),
    "desk": partial(Desk, deployment="d1", revision=POLICY),
}


class Life:
    """Every owner of a deployment, driven step by step."""

    def __init__(self) -> None:
        self.log = MemoryLog(PARTITIONS, place, NOW)
        self.driver = MemoryDriver(self.log, MADE["intake"], MADE["desk"], batch=3)
        self._said = 0
        for name in ADVISORS:
            self.tell("signed_on", name, "hall")

    def give(self, sent: Sent) -> None:
        self.log.append(*sent)

    def tell(self, kind: str, who: str, desk: str, **about: Any) -> None:
        self._said += 1
        self.give(advisor(kind, f"e-{self._said}", self.log.now, desk, advisor_id=who, **about))

    def do(self, step: tuple[Any, ...], *, kills: bool = True) -> None:
        """Let one thing happen."""
        what, *about = step
        if what == "tell":
            kind, who, desk, more = about
            self.tell(kind, who, desk, **more)
        elif what == "arrive":
            self._said += 1
            self.give(arrived(self.log.now, f"k-{self._said}", f"u-{self._said}"))
        elif what == "answer":
            self.answer(*about)
        elif what == "serve":
            machines = self.driver._machines
            self.driver._serve(machines[about[0] % len(machines)])
        elif what == "wait":
            self.log.now += about[0]
            self.driver.fire()
        elif what == "kill" and kills:
            self.driver.restart()
        elif what == "twice":
            self.again(about[0])

    def answer(self, kind: str, number: int) -> None:
        """Answer an offer, open or over."""
        offers = [orjson.loads(one.value or b"") for one in self.log.all("advisor.offers")]
        made = [one["data"] for one in offers if one["type"].endswith("offered.v1")]
        if made:
            offer = made[-1 - number % len(made)]
            named = {name: offer[name] for name in ("offer_id", "contact_id")}
            self.tell(kind, offer["advisor_id"], offer["desk"], **named)

    def again(self, number: int) -> None:
        """Let a record of claims come again."""
        claims = [
            one
            for one in self.log.all("desk.contacts")
            if orjson.loads(one.value or b"")["type"] in CLAIM_EVENTS
        ]
        if claims:
            one = sorted(claims, key=lambda one: (one.timestamp, one.partition))[-LATEST:][
                number % min(LATEST, len(claims))
            ]
            self.log.append(one.topic, one.key, one.value)

    # ------------------------------------------------------------------ what is so

    def desks(self) -> list[Desk]:
        return [one for one in self.driver._machines if isinstance(one, Desk)]

    def seats(self) -> list[tuple[str, str]]:
        """Return advisor and desk of every seat."""
        return [
            (who, name)
            for machine in self.desks()
            for name, desk in machine.desks().items()
            for who in desk.state.seats
        ]

    def kept(self, letter: bytes) -> list[Any]:
        """Return the kept values of a kind, of all owners."""
        return [
            orjson.loads(value)[2]
            for machine in self.desks()
            for key, value in machine.snapshot()
            if key[:1] == letter
        ]

    def told_last(self) -> set[tuple[str, str]]:
        """Return who was told by a desk that they are there, and nothing else of it since."""
        there = set()
        for record in self.log.all("advisor.offers"):
            event = orjson.loads(record.value or b"")
            seat = event["data"]["advisor_id"], event["data"]["desk"]
            if event["type"] == "tierlane.offer.signed_on.v1":
                there.add(seat)
            elif event["type"] == "tierlane.offer.signed_off.v1":
                there.discard(seat)
        return there


KINDS = ("signed_on", "signed_on", "signed_off", "signed_off", "heartbeat", "state")
MORE: dict[str, list[dict[str, Any]]] = {
    "heartbeat": [{"contacts": []}],
    "state": [{"state": "available"}, {"state": "break"}],
}


@st.composite
def telling(draw: st.DrawFn) -> tuple[Any, ...]:
    kind = draw(st.sampled_from(KINDS))
    who, desk = draw(st.sampled_from(ADVISORS)), draw(st.sampled_from(DESKS))
    return "tell", kind, who, desk, draw(st.sampled_from(MORE.get(kind, [{}])))


NUMBERS = st.integers(0, 9)
STEPS: Final = (
    telling(),
    telling(),
    st.tuples(st.just("serve"), NUMBERS),
    st.tuples(st.just("serve"), NUMBERS),
    st.tuples(st.just("answer"), st.sampled_from(["accepted", "finished"]), NUMBERS),
    st.just(("arrive",)),
    st.just(("kill",)),
)
SHORT = st.tuples(st.just("wait"), st.sampled_from([0, 1, 900]))
LONG = st.tuples(st.just("wait"), st.sampled_from([1, 900, 61_000]))
TWICE = st.tuples(st.just("twice"), NUMBERS)
SOME = settings(max_examples=25)
"""A life costs some 30 ms. Lists are drawn near their least length, so that is no small one."""


@given(st.lists(st.one_of(*STEPS, LONG), min_size=12, max_size=40))
@SOME
def test_nobody_is_at_two_desks_and_all_agree_when_everything_is_done(
    steps: list[tuple[Any, ...]],
) -> None:
    life = Life()
    for step in steps:
        life.do(step)
        who = [name for name, _ in life.seats()]
        assert len(who) == len(set(who)), life.seats()
    life.driver.settle()
    seats = set(life.seats())
    assert life.told_last() == seats
    assert sorted(desk for desk, *_ in life.kept(b"w") if desk) == sorted(desk for _, desk in seats)
    assert all(asked is None for _, asked in life.kept(b"a"))
    assert len(life.kept(b"a")) == len(seats)


@given(st.lists(st.one_of(*STEPS, LONG, TWICE, TWICE), min_size=12, max_size=40))
@SOME
def test_claims_that_come_twice_seat_nobody_twice(steps: list[tuple[Any, ...]]) -> None:
    life = Life()
    for step in steps:
        life.do(step)
        who = [name for name, _ in life.seats()]
        assert len(who) == len(set(who)), life.seats()
    life.driver.settle()
    assert life.told_last() == set(life.seats())
    assert sorted(desk for desk, *_ in life.kept(b"w") if desk) == sorted(
        desk for _, desk in life.seats()
    )


@given(st.lists(st.one_of(*STEPS, SHORT), min_size=12, max_size=40))
@SOME
def test_an_end_without_notice_changes_nothing(steps: list[tuple[Any, ...]]) -> None:
    one, two = Life(), Life()
    for step in steps:
        one.do(step)
        two.do(step, kills=False)
    one.driver.settle()
    two.driver.settle()
    for topic in ("desk.contacts", "advisor.offers", "routing.audit"):
        assert one.log.all(topic) == two.log.all(topic)


@given(st.sampled_from(ADVISORS), st.lists(st.one_of(*STEPS, LONG), min_size=6, max_size=25))
@SOME
def test_who_signs_off_and_on_again_is_there(who: str, steps: list[tuple[Any, ...]]) -> None:
    life = Life()
    for step in steps:
        life.do(step)
    life.driver.settle()
    for desk in DESKS:
        for contact_id in {
            name
            for machine in life.desks()
            for found in machine.desks().values()
            for name, one in found.state.contacts.items()
            if one.served_by == who
        }:
            life.tell("finished", who, desk, contact_id=contact_id)
        life.tell("signed_off", who, desk)
        life.driver.settle()
    life.tell("signed_on", who, "tower")
    life.driver.settle()
    assert (who, "tower") in life.seats()
