"""The unmanaged desk: what it passes on, what it follows, what has no effect."""

from typing import Any

import orjson
import pytest

from tests.contract.driver import Sent
from tests.contract.event import advisor, cloud_event
from tests.unit.routing.scene import NOW, Told, told
from tierlane.replay.memory import StoredRecord
from tierlane.routing.desk import Desk, DeskLimits
from tierlane.routing.effect import Effects
from tierlane.routing.ledger import POSITION

NAMED = {"contact_id": "k-1", "contact_key": "u-1"}


class Scene:
    """A desk, and events of the advisor a-1 at the desk `shop`."""

    def __init__(self, limits: DeskLimits | None = None) -> None:
        self.desk = Desk(partition=2, deployment="d1", limits=limits)
        self.now = NOW
        self._offset = 0

    def give(self, *sent: Sent) -> Effects:
        """Hand records over as a batch."""
        records = []
        for topic, key, value, headers in sent:
            where = (topic, 2, self._offset, self.now, key, value, headers)
            records.append(StoredRecord(*where))
            self._offset += 1
        effects = self.desk.on_records(sent[0].topic, records)
        self.desk.commit()
        return effects

    def tell(self, kind: str, **data: Any) -> Told:
        """Hand over an event of its own id."""
        return told(self.give(advisor(kind, f"e-{self._offset}", NOW, "shop", **data)))

    def advisor(self) -> list[Any]:
        """Return what is kept of the advisor, without format and deadline."""
        (value,) = [value for key, value in self.desk.snapshot() if key != POSITION]
        kept: list[Any] = orjson.loads(value)[2:]
        return kept


@pytest.mark.parametrize(
    ("kind", "sent_as", "outcome"), [("accepted", "answered", None), ("finished", "finished", "ok")]
)
def test_what_the_outside_system_did_is_passed_on(
    kind: str, sent_as: str, outcome: str | None
) -> None:
    found = Scene().tell(kind, **NAMED, outcome=outcome)
    (sent,) = found.returns
    assert (sent["key"], sent["type"]) == (b"u-1", f"tierlane.return.{sent_as}.v1")
    assert sent["data"] == {
        "contact_id": "k-1",
        "desk": "shop",
        "advisor_id": "a-1",
        "outcome": outcome,
    }
    assert (sent["id"], sent["source"]) == ("d1.a2.0.r0", "tierlane/d1/desk-2")
    (note,) = found.audit
    assert (note["kind"], note["owner"], note["seq"]) == (kind, "desk-2", 1)
    assert note["contact_id"] == "k-1"


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("accepted", {"offer_id": "o-1"}, "no such offer"),
        ("accepted", {"contact_id": "k-1"}, "no contact_id or contact_key"),
        ("finished", {"contact_id": "k-1"}, "no contact_id or contact_key"),
        ("declined", {"offer_id": "o-1"}, "no such offer"),
        ("heartbeat", {"contacts": ["k-1"]}, "noted as a sign of life"),
    ],
)
def test_what_has_no_effect_is_audited(kind: str, data: dict[str, Any], reason: str) -> None:
    found = Scene().tell(kind, **data)
    assert found.returns == []
    (note,) = found.audit
    assert (note["kind"], note["event"], note["reason"]) == ("no_effect", kind, reason)


def test_contact_put_to_a_desk_that_assigns_nothing_has_no_effect() -> None:
    scene = Scene()
    value = cloud_event("contact.arrived", "e", NOW, {"contact_id": "k-1"})
    (note,) = told(scene.give(Sent("desk.contacts", b"shop", value))).audit
    assert (note["kind"], note["reason"]) == ("no_effect", "desk not managed")
    assert note["decision_id"] == "d1.c2.0.n0"


def test_advisor_is_followed() -> None:
    scene = Scene()
    assert scene.tell("signed_on", skills={"ja": 3}).kinds == ["signed_on"]
    assert scene.advisor()[:3] == ["a-1", "shop", "available"]
    assert scene.tell("state", state="break").kinds == ["state"]
    assert scene.advisor()[2] == "break"
    scene.tell("accepted", **NAMED)
    scene.tell("accepted", contact_id="k-2", contact_key="u-2")
    assert scene.advisor()[4] == ["k-1", "k-2"]
    scene.tell("finished", **NAMED)
    assert scene.advisor()[4] == ["k-2"]
    assert scene.tell("signed_off").kinds == ["signed_off"]
    assert scene.advisor()[2] == "signed off"


def test_same_event_twice_is_passed_on_once() -> None:
    scene = Scene()
    event = advisor("accepted", "e", NOW, "shop", **NAMED)
    found = told(scene.give(event, event))
    assert len(found.returns) == 1
    assert [one["kind"] for one in found.audit] == ["accepted", "duplicate"]


def test_advisor_of_whom_nothing_is_heard_is_forgotten() -> None:
    scene = Scene(DeskLimits(silence=3_600_000))
    scene.tell("signed_on")
    scene.now += 1_800_000
    scene.tell("heartbeat")
    first = scene.desk.next_deadline() or 0
    assert not scene.desk.on_deadline(first)  # it was heard of since: only the time is moved on
    second = scene.desk.next_deadline() or 0
    assert second >= scene.now + 3_600_000
    scene.desk.on_deadline(second)
    assert [key for key, _ in scene.desk.snapshot()] == [POSITION]


def test_what_is_kept_of_an_advisor_has_a_bound() -> None:
    scene = Scene(DeskLimits(held=3, heard=3))
    for number in range(20):
        scene.tell("accepted", contact_id=f"k-{number}", contact_key="u-1")
    kept = scene.advisor()
    assert (kept[4], len(kept[5])) == (["k-17", "k-18", "k-19"], 3)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        (
            Sent("advisor.events", b"other", advisor("signed_on", "e", NOW, "shop").value),
            "wrong-key",
        ),
        (Sent("advisor.events", None, advisor("signed_on", "e", NOW, "shop").value), "no-key"),
        (Sent("advisor.events", b"shop", b"{}"), "missing"),
        (Sent("advisor.events", b"shop", None), "tombstone"),
        (advisor("state", "e", NOW, "shop", state="asleep"), "wrong-value"),
        (Sent("desk.contacts", None, b"{}"), "no-key"),
    ],
)
def test_what_cannot_be_read_is_rejected(sent: Sent, reason: str) -> None:
    (rejected,) = told(Scene().give(sent)).rejected
    assert dict(rejected.headers)["tierlane-reason"] == reason.encode()


def test_desk_goes_on_from_its_changelog() -> None:
    scene = Scene()
    scene.tell("accepted", **NAMED)
    other = Desk(partition=2, deployment="d1")
    other.restore(scene.desk.snapshot())
    assert dict(other.snapshot()) == dict(scene.desk.snapshot())
    event = advisor("accepted", "e-0", NOW, "shop", **NAMED)
    record = StoredRecord("advisor.events", 2, 1, NOW, event.key, event.value)
    assert told(other.on_records("advisor.events", [record])).kinds == ["duplicate"]
