"""Advisors who accept, decline, say nothing and vanish, at desks in memory: the storm's laws hold.

A minute passes in a second or two. Owners are begun again from their changelogs amid it, as after a
kill; what a kill leaves on Kafka is the storm's to try (`storm.desk`).
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import orjson
import pytest

from storm.desk.crew import WILD, members
from storm.desk.flow import DeskFlow
from storm.desk.law import DeskLedger
from storm.desk.record import OVER, TOPICS
from storm.desk.run import BOUNDS, POLICY
from tests.broker.log import Kept
from tests.contract.driver import DEPLOYMENT, MASK_KEY
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.capacity import Capacity
from tierlane.ports import ProfileStore
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects
from tierlane.routing.hosting.telling import Telling
from tierlane.routing.intake import Intake
from tierlane.routing.published import CONFIRMED
from tierlane.routing.waiting.news import News
from tierlane.routing.waiting.state import Book, DeskState
from tierlane.routing.waiting.timer import OFFER, STEP, Timers
from tierlane.sample.crew import Crew
from tierlane.stream.murmur import place
from tierlane.value import format_time

NOW = 1_772_442_000_000
TICK = 100
PARTITIONS = 3
OWNERS = [f"{kind}-{number}" for kind in ("intake", "desk") for number in range(PARTITIONS)]


class Hall:
    """The storm's desks on a log in memory, under advisors and contacts."""

    def __init__(
        self, contacts: int, seed: int, restarts: float, behind: int = 40, *, repeats: bool = False
    ) -> None:
        """With `repeats` what a restart ends was written but for its state, as at least once."""
        self.revision = compile_policy(POLICY.read_text(), "policy.yaml")
        self.log = MemoryLog(PARTITIONS, place, NOW)
        self.driver = MemoryDriver(self.log, self._intake, self._desk, batch=20)
        self.crew = Crew(members(20), WILD, seed)
        self.flow = DeskFlow(contacts, seed, format_time(NOW), behind)
        self.contacts = contacts
        self.restarts = 0
        self._repeats = repeats
        self._before: dict[str, dict[bytes, bytes]] = {}
        self._random = Random(seed)
        self._often = restarts
        self._told = [0] * PARTITIONS
        self._audited = [0] * PARTITIONS
        self._over: set[str] = set()

    def _intake(self, *, partition: int, profiles: ProfileStore) -> Intake:
        return Intake(
            partition=partition,
            deployment=DEPLOYMENT,
            revision=self.revision,
            profiles=profiles,
            mask=Mask(MASK_KEY),
        )

    def _desk(self, *, partition: int) -> Desk:
        return Desk(
            partition=partition,
            deployment=DEPLOYMENT,
            revision=self.revision,
            lookup=self._revisions,
        )

    def _revisions(self, name: str) -> Revision | None:
        return self.revision if name == self.revision.hash else None

    def run(self, seconds: int) -> None:
        """Let time go by until all are over, at most so many seconds."""
        self.crew.begin(self.log.now)
        for tick in range(seconds * 1000 // TICK):
            self.log.now += TICK
            if self._repeats:
                self._before = {one: dict(self.driver.kept(one)) for one in OWNERS}
            for record in self.flow.portion(3):
                self.log.append(record.topic, record.key, record.value)
            for event in self.crew.due(self.log.now):
                desk = event["data"]["desk"].encode()
                self.log.append("advisor.events", desk, orjson.dumps(event))
            restarts = self._random.random() < self._often
            if restarts and not self._repeats:
                self.driver.restart()
            self.driver.settle()
            self.driver.fire()
            self.driver.settle()
            if restarts and self._repeats:
                about = self.log, self._intake, self._desk
                self.driver = MemoryDriver(*about, batch=7, changelogs=self._before)
            self.restarts += restarts
            self._hear()
            if tick * TICK > seconds * 500:
                self.crew.temper = replace(WILD, accept=1, decline=0, silence=0, vanish=0)
            if len(self._over) == self.contacts:
                return

    def _hear(self) -> None:
        for number in range(PARTITIONS):
            for record in self.log.read("advisor.offers", number, self._told[number]):
                event = orjson.loads(record.value or b"")
                self.crew.hear(event["type"], event["data"], self.log.now)
                self._told[number] += 1
            for record in self.log.read("routing.audit", number, self._audited[number]):
                data = orjson.loads(record.value or b"")["data"]
                if data["kind"] in OVER and data["owner"].startswith("desk-"):
                    self._over.add(data["contact_id"])
                self._audited[number] += 1

    def judged(self, *, repeats: bool = False) -> DeskLedger:
        """Judge what lies on the log."""
        ledger = DeskLedger(dict.fromkeys(TOPICS, PARTITIONS), BOUNDS, repeats=repeats)
        for topic in TOPICS:
            for one in self.log.all(topic):
                place = one.topic, one.partition, one.offset, one.timestamp
                ledger.take(Kept(*place, one.key, one.value, tuple(one.headers)))
        ledger.judged()
        return ledger


@pytest.mark.parametrize(("seed", "restarts", "behind"), [(1, 0.0, 40), (2, 0.05, 90)])
def test_laws_hold_under_advisors_of_all_tempers(seed: int, restarts: float, behind: int) -> None:
    hall = Hall(250, seed, restarts, behind)
    hall.run(120)
    ledger = hall.judged()
    assert dict(ledger.faults.examples) == {}
    assert len(ledger.arrivals) == 250
    kinds = {one.kind for one in ledger.audits.values()}
    assert {"confirmed", "declined", "expired", "vanished", "returned", "left"} <= kinds
    assert {"claimed", "granted", "yielded"} <= kinds
    assert restarts or {"withheld", "refused"} <= kinds
    assert bool(restarts) == bool(hall.restarts)


def capacity_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Capacity, "refuses", lambda *asked: "")


def confirmations_kept_back(patch: pytest.MonkeyPatch) -> None:
    offer = Telling._offer

    def keep_back(self: Telling, kind: str, *about: Any) -> None:
        if kind != CONFIRMED:
            offer(self, kind, *about)

    patch.setattr(Telling, "_offer", keep_back)


def steps_forgotten(patch: pytest.MonkeyPatch) -> None:
    put = Timers.put
    patch.setattr(Timers, "put", lambda self, *row: row[1] == STEP or put(self, *row))


def offers_cut_short(patch: pytest.MonkeyPatch) -> None:
    put = Timers.put

    def sooner(self: Timers, due: float, kind: int, key: str) -> None:
        put(self, due - 500 if kind == OFFER else due, kind, key)

    patch.setattr(Timers, "put", sooner)


def silence_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(News, "next", lambda *asked: None)


def nobody_looks_again(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(DeskState, "wake_later", lambda *asked: None)


def wrapping_up_ignored(patch: pytest.MonkeyPatch) -> None:
    begin = Book.__init__

    def without(self: Book, *given: Any) -> None:
        begin(self, *given)
        self.wrap_up = {}

    patch.setattr(Book, "__init__", without)


def timers_unkept(patch: pytest.MonkeyPatch) -> None:
    fire = Desk.on_deadline

    def forgetful(self: Desk, now: int) -> Effects:
        effects = fire(self, now)
        effects.changes.clear()
        return effects

    patch.setattr(Desk, "on_deadline", forgetful)


def no_fault(patch: pytest.MonkeyPatch) -> None:
    """Leave all as it is, to see that what is found below is the fault's."""


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (no_fault, None),
        (capacity_ignored, "advisor over capacity"),
        (confirmations_kept_back, "told otherwise than audited"),
        (steps_forgotten, "timer forgotten"),
        (offers_cut_short, "timer fired before its time"),
        (silence_forgotten, "timer forgotten"),
        (nobody_looks_again, "idle though somebody waits"),
        (wrapping_up_ignored, "offered while wrapping up"),
    ],
)
def test_the_laws_find_a_fault_put_in_on_purpose(
    fault: Callable[[pytest.MonkeyPatch], None], found: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault(monkeypatch)
    hall = Hall(150, 2, 0.1, 60)
    hall.run(30)
    faults = hall.judged().faults.counts
    assert found in faults if found else not faults


def test_the_laws_find_timers_whose_effects_are_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    timers_unkept(monkeypatch)
    hall = Hall(150, 3, 0.3, 60)
    hall.run(30)
    found = hall.judged().faults.counts
    assert found["twice"] >= 5
    assert "timer fired twice, or for nothing" in found


def test_at_least_once_all_laws_hold_of_what_the_state_knows() -> None:
    hall = Hall(200, 4, 0.1, 60, repeats=True)
    hall.run(60)
    ledger = hall.judged(repeats=True)
    assert dict(ledger.faults.examples) == {}
    assert len(ledger.arrivals) == 200
    assert ledger.repeated["the same"] >= 50
    # What came otherwise, and what did not come again, is what these desks promise less.
    assert ledger.repeated["otherwise"] and ledger.repeated["not again"]
    assert hall.judged().faults.counts["twice"] >= 50
