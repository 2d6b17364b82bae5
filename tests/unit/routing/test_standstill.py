"""Ten minutes without a worker, with a thousand contacts waiting and two hundred offers open."""

from collections import Counter
from functools import partial
from typing import Any

import orjson
import pytest

from tests.contract.driver import MASK_KEY, Sent
from tests.contract.event import advisor, arrived
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place
from tierlane.value import parse_time

NOW = 1_772_453_645_000
DOWN = 600_000
ADVISORS, WAITING = 200, 1_000

POLICY = compile_policy(
    """
tierlane: 1
policy: still
desks: {hall: {offer: {lasts: 60s}}}
lanes:
  people: {kind: standard, desk: hall}
  senior: {kind: priority, desk: hall}
  chief: {kind: priority, desk: hall}
plans:
  - plan: all
    steps: [{lane: people, until: 2m}, {lane: senior, until: 4m}, {lane: chief, until: 2h}]
finally: {until: 24h, close: sorry}
fallback: people
""",
    "still.yaml",
)


class Hall:
    """The log, and a driver over it."""

    def __init__(self) -> None:
        self.log = MemoryLog(1, place, NOW)
        intake = partial(Intake, deployment="d1", revision=POLICY, mask=Mask(MASK_KEY))
        desk = partial(Desk, deployment="d1", revision=POLICY)
        self.driver = MemoryDriver(self.log, intake, desk)

    def send(self, *records: Sent) -> None:
        for record in records:
            self.log.append(*record)

    def told(self, topic: str, since: int = 0) -> list[dict[str, Any]]:
        found = [orjson.loads(one.value or b"") for one in self.log.all(topic)[since:]]
        return [{"type": one["type"].split(".")[2], **one["data"]} for one in found]

    def answer(self, kind: str, offer: dict[str, Any]) -> Sent:
        about = {name: offer[name] for name in ("offer_id", "contact_id", "advisor_id")}
        name = f"{kind}-{offer['offer_id']}"
        return advisor(kind, name, self.log.now, "hall", **about)


@pytest.fixture(scope="module")
def hall() -> Hall:
    made = Hall()
    names = [f"a-{number:03}" for number in range(ADVISORS)]
    now = made.log.now
    made.send(*(advisor("signed_on", f"on-{a}", now, "hall", advisor_id=a) for a in names))
    made.send(*(advisor("heartbeat", f"h-{a}", now, "hall", advisor_id=a) for a in names))
    made.driver.settle()
    for number in range(ADVISORS + WAITING):
        made.send(arrived(now, f"k-{number:04}", f"u-{number}"))
    made.driver.settle()
    offers = [one for one in made.told("advisor.offers") if one["type"] == "offered"]
    assert len(offers) == ADVISORS
    made.log.now = NOW + 20_000
    made.send(*(made.answer("accepted", one) for one in offers[:100]))
    made.log.now = NOW + 90_000
    made.send(*(made.answer("accepted", one) for one in offers[100:150]))
    made.log.now = NOW + DOWN
    made.driver.restart()
    made.driver.settle()
    return made


def test_an_acceptance_logged_in_time_counts_and_a_late_one_is_answered(hall: Hall) -> None:
    told = hall.told("advisor.offers")
    offered = [one["offer_id"] for one in told if one["type"] == "offered"]
    after = {one["offer_id"]: one for one in told if one["type"] == "confirmed"}
    assert set(after) == set(offered[:100])
    revoked = Counter(one["offer_id"] for one in told if one["type"] == "revoked")
    reasons = Counter(one["reason"] for one in told if one["type"] == "revoked")
    assert reasons == {"expired": 100, "not offered": 50}
    assert set(revoked) == set(offered[100:200])


def test_nobody_is_called_silent_for_our_absence(hall: Hall) -> None:
    kinds = Counter(one["kind"] for one in hall.told("routing.audit"))
    assert "vanished" not in kinds and "returned" not in kinds
    assert (kinds["stood_still"], kinds["caught_up"]) == (1, 1)


def test_missed_steps_collapse_into_one_move_that_lists_them(hall: Hall) -> None:
    moved = [one for one in hall.told("routing.audit") if one["kind"] == "moved"]
    assert len(moved) == WAITING + ADVISORS - 100
    assert {one["contact_id"] for one in moved} == {f"k-{n:04}" for n in range(100, 1200)}
    missed = [{"step": 2, "lane": "senior", "reason": "until"}]
    assert all(one["lane"] == "chief" and one["passed_over"] == missed for one in moved)
    assert {one["at"] for one in moved} == {"2026-03-02T12:24:05.000Z"}


def test_what_is_offered_afterwards_is_offered_now(hall: Hall) -> None:
    again = hall.told("advisor.offers")[2 * ADVISORS :]  # after those who signed on
    made = [one for one in again if one["type"] == "offered"]
    assert len(made) == 100
    assert all(parse_time(one["expires_at"]) == NOW + DOWN + 60_000 for one in made)
    assert len({one["advisor_id"] for one in made}) == 100


def test_a_second_start_finds_no_standstill(hall: Hall) -> None:
    before = len(hall.log.all("routing.audit"))
    hall.log.now += 1_000
    hall.driver.restart()
    hall.driver.settle()
    assert len(hall.log.all("routing.audit")) == before
