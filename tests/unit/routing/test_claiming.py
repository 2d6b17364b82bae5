"""Claims to advisors, record by record: what desks and the owner of an advisor's id say."""

from typing import Any

import orjson
import pytest

from tests.contract.driver import Sent
from tests.contract.event import advisor, arrived
from tests.unit.routing.floor import POLICY
from tests.unit.routing.scene import NOW
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Effects, Output


class Owner:
    """One owner of desks, and the records of claims that it wrote; nobody carries them."""

    def __init__(self, partition: int = 0) -> None:
        self.desk = Desk(partition=partition, deployment="d1", revision=POLICY)
        self.now = NOW
        self.sent: list[Output] = []
        self.told: list[tuple[str, str]] = []
        self.audits: list[dict[str, Any]] = []
        self._offsets: dict[str, int] = {}
        self._said = 0

    def give(self, sent: Output | Sent) -> Effects:
        offset = self._offsets.get(sent.topic, 0)
        self._offsets[sent.topic] = offset + 1
        place = sent.topic, self.desk.partition, offset
        record = StoredRecord(*place, self.now, sent.key, sent.value)
        effects = self.desk.on_records(sent.topic, [record])
        self.desk.commit()
        for output in effects.outputs:
            event = orjson.loads(output.value or b"{}")
            if output.topic == "desk.contacts":
                self.sent.append(output)
            elif output.topic == "advisor.offers":
                self.told.append((event["type"].split(".")[2], event["data"]["desk"]))
            elif output.topic == "routing.audit":
                self.audits.append(event["data"])
        return effects

    def tell(self, kind: str, desk: str = "hall", who: str = "a-1", **data: Any) -> Effects:
        self._said += 1
        return self.give(advisor(kind, f"e-{self._said}", self.now, desk, advisor_id=who, **data))

    def claims(self) -> list[Output]:
        """Return the records of claims written since the last call."""
        found, self.sent = self.sent, []
        return found

    def heard(self) -> list[tuple[str, str]]:
        found, self.told = self.told, []
        return found

    def seats(self) -> dict[str, list[str]]:
        return {name: sorted(one.state.seats) for name, one in self.desk.desks().items()}

    def restart(self) -> None:
        kept = dict(self.desk.snapshot())
        self.desk = Desk(partition=self.desk.partition, deployment="d1", revision=POLICY)
        self.desk.restore(kept.items())


def kind(output: Output) -> str:
    return str(orjson.loads(output.value or b"")["type"].split(".")[2])


def data(output: Output) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(output.value or b"")["data"]
    return found


@pytest.fixture
def hall() -> Owner:
    return Owner(0)


@pytest.fixture
def register() -> Owner:
    """The owner on whose partition the advisor's id lies."""
    return Owner(1)


def test_who_signs_on_is_claimed_and_seated_only_when_that_is_granted(
    hall: Owner, register: Owner
) -> None:
    hall.tell("signed_on")
    (claimed,) = hall.claims()
    assert (kind(claimed), claimed.key, data(claimed)["desk"]) == ("claimed", b"a-1", "hall")
    assert hall.seats() == {"hall": []}
    assert hall.heard() == []
    register.give(claimed)
    (granted,) = register.claims()
    assert (kind(granted), granted.key) == ("granted", b"hall")
    hall.restart()
    hall.give(granted)
    assert hall.seats() == {"hall": ["a-1"]}
    assert hall.heard() == [("signed_on", "hall")]
    assert [one["kind"] for one in hall.audits] == ["activated", "claimed", "signed_on"]
    assert [one["kind"] for one in register.audits] == ["activated", "granted"]


def test_nothing_is_offered_before_and_what_was_said_meanwhile_counts(
    hall: Owner, register: Owner
) -> None:
    hall.tell("signed_on", languages=["zh"])
    hall.now += 40
    hall.tell("signed_on", languages=["en"])
    hall.tell("state", state="break")
    hall.tell("heartbeat", contacts=["k-7"])
    assert hall.heard() == []
    (claimed,) = hall.claims()
    register.give(claimed)
    hall.now += 40
    hall.give(register.claims()[0])
    seat = hall.desk.desks()["hall"].state.seats["a-1"]
    assert (seat.state, seat.values["languages"]) == ("break", ("en",))
    assert (seat.heard, seat.idle_since) == (NOW + 80, NOW + 40)
    assert set(seat.strays) == {"k-7"}


def test_an_advisor_of_another_desk_is_refused_and_may_be_claimed_again(register: Owner) -> None:
    hall, tower = Owner(0), Owner(2)
    hall.tell("signed_on")
    tower.tell("signed_on", "tower")
    (first,), (second,) = hall.claims(), tower.claims()
    register.give(first)
    register.give(second)
    granted, withheld = register.claims()
    assert (kind(withheld), withheld.key, data(withheld)["at_desk"]) == (
        "withheld", b"tower", "hall",
    )  # fmt: skip
    tower.give(withheld)
    assert tower.heard() == [("refused", "tower")]
    assert (tower.audits[-1]["kind"], tower.audits[-1]["at_desk"]) == ("refused", "hall")
    hall.give(granted)
    hall.tell("signed_off")
    (yielded,) = hall.claims()
    assert kind(yielded) == "yielded"
    tower.tell("signed_on", "tower")
    register.give(yielded)
    register.give(*tower.claims())
    tower.give(*register.claims())
    assert tower.seats() == {"tower": ["a-1"]}


def test_who_signs_off_before_it_is_granted_is_yielded_at_once(
    hall: Owner, register: Owner
) -> None:
    hall.tell("signed_on")
    hall.tell("signed_off")
    assert hall.heard() == [("signed_off", "hall")]
    claimed, yielded = hall.claims()
    register.give(claimed)
    register.give(yielded)
    hall.give(*register.claims())
    assert hall.seats() == {"hall": []}
    assert hall.audits[-1]["kind"] == "no_effect"
    tower = Owner(2)
    tower.tell("signed_on", "tower")
    register.give(*tower.claims())
    assert kind(*register.claims()) == "granted"


def test_what_is_granted_late_is_not_taken_for_a_later_claim(hall: Owner, register: Owner) -> None:
    hall.tell("signed_on")
    hall.tell("signed_off")
    hall.tell("signed_on")
    claimed, yielded, again = hall.claims()
    register.give(claimed)
    register.give(yielded)
    (late,) = register.claims()
    tower = Owner(2)
    tower.tell("signed_on", "tower")
    register.give(*tower.claims())
    hall.give(late)
    assert hall.seats() == {"hall": []}
    register.give(again)
    granted, withheld = register.claims()
    tower.give(granted)
    hall.give(withheld)
    assert (hall.seats(), tower.seats()) == ({"hall": []}, {"tower": ["a-1"]})
    assert hall.heard()[-1] == ("refused", "hall")


def test_records_of_claims_that_come_twice_free_nobody(hall: Owner, register: Owner) -> None:
    hall.tell("signed_on")
    (claimed,) = hall.claims()
    register.give(claimed)
    hall.give(*register.claims())
    hall.tell("signed_off")
    (yielded,) = hall.claims()
    register.give(yielded)
    hall.tell("signed_on")
    (again,) = hall.claims()
    register.give(again)
    (granted,) = register.claims()
    hall.give(granted)
    for twice in (claimed, yielded, again):  # as a transaction done anew at least once writes them
        register.give(twice)
        assert register.audits[-1]["kind"] == "duplicate"
    tower = Owner(2)
    tower.tell("signed_on", "tower")
    register.give(*tower.claims())
    assert kind(*register.claims()) == "withheld"
    hall.give(granted)
    assert hall.claims() == []
    assert hall.seats() == {"hall": ["a-1"]}


def test_where_nobody_is_is_forgotten_after_a_while(hall: Owner, register: Owner) -> None:
    hall.tell("signed_on")
    hall.tell("signed_off")
    for one in hall.claims():
        register.give(one)
    assert any(key[:1] == b"w" for key, _ in register.desk.snapshot())
    due = register.desk.next_deadline()
    assert due is not None
    register.desk.on_deadline(due)
    register.desk.commit()
    assert not any(key[:1] == b"w" for key, _ in register.desk.snapshot())


def test_a_claim_under_another_key_is_rejected(hall: Owner, register: Owner) -> None:
    hall.tell("signed_on")
    (claimed,) = hall.claims()
    (refused,) = register.give(claimed._replace(key=b"a-2")).outputs[-1:]
    assert refused.topic == "contact.rejected"
    assert dict(refused.headers)["tierlane-reason"] == b"wrong-key"


def test_signing_on_with_a_time_that_is_none_claims_nobody(hall: Owner) -> None:
    effects = hall.tell("signed_on", idle_since="yesterday")
    assert [one.topic for one in effects.outputs][-1] == "contact.rejected"
    assert hall.claims() == []


def test_who_was_at_a_desk_while_it_was_managed_may_leave_it_after() -> None:
    from tests.unit.routing.floor import TEXT, Floor
    from tierlane.policy.compiling.compile import compile_policy

    floor = Floor()
    floor.tell("signed_on", "tower")
    text = TEXT.replace("tower: {offer: {lasts: 60s}}", "tower: {managed: false}")
    floor.publish(floor.desk, compile_policy(text, "managed.yaml"), 1)
    floor.heard()
    floor.tell("signed_off", "tower")
    assert floor.heard("desk") == [("signed_off", "tower")]
    floor.tell("signed_on", "hall")
    assert floor.heard("desk") == [("signed_on", "hall")]


def test_a_desk_that_nobody_manages_claims_nobody(hall: Owner) -> None:
    hall.tell("signed_on", "outside")
    assert hall.claims() == []
    assert hall.audits[-1]["kind"] == "signed_on"


def test_offers_follow_the_seat() -> None:
    from tests.unit.routing.floor import Floor

    floor = Floor()
    floor.give(arrived(floor.now, "k-1", "u-1", subject="order"))
    floor.tell("signed_on")
    assert [one[0] for one in floor.heard()] == ["signed_on", "offered"]
