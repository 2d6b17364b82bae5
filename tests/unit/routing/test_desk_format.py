"""The formats of managed desks: their state in the changelog, and contacts on `desk.contacts`."""

from pathlib import Path

import orjson
import pytest

from tests.contract.driver import MANAGED, Sent
from tests.contract.event import advisor, arrived, contact
from tests.unit.routing.scene import MASK, NOW
from tierlane.policy.compiling.compile import compile_policy
from tierlane.replay.memory import MemoryProfiles
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.hosting.onward import FORMAT
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import LINE_FORMAT

POLICY = compile_policy(MANAGED.read_text(encoding="utf-8"), MANAGED.name)
GOLDEN = Path(__file__).parent / "golden"
STATE = GOLDEN / f"desk-state-{LINE_FORMAT}.jsonl"
SENT = GOLDEN / f"desk-contacts-{FORMAT}.jsonl"


class Played:
    """An intake and a desk that some things happened to."""

    def __init__(self) -> None:
        self.intake = Intake(
            partition=0, deployment="d1", revision=POLICY, profiles=MemoryProfiles(), mask=MASK
        )
        self.desk = Desk(partition=0, deployment="d1", revision=POLICY)
        self.sent: list[Sent] = []
        self._offsets: dict[str, int] = {}
        self.tell(advisor("signed_on", "on", NOW, "hall", advisor_id="a-1", skills={"ja": 3}))
        self.tell(advisor("heartbeat", "beat", NOW, "hall", advisor_id="a-1", contacts=[]))
        self.ask(arrived(NOW, "k-1", "u-1", subject="scarce", channel="chat"))
        self.ask(arrived(NOW, "k-2", "u-2", subject="claim", channel="chat"))
        self.ask(arrived(NOW, "k-3", "u-3", subject="urgent"))
        self.ask(contact("abandoned", "gone", NOW, "k-3", "u-3"))
        offer = {"offer_id": "d1.c0.2.o0", "contact_id": "k-1", "advisor_id": "a-1"}
        self.tell(advisor("accepted", "take", NOW, "hall", **offer))
        self.ask(contact("updated", "up", NOW, "k-2", "u-2", subject="order"))

    def stored(self, sent: Sent) -> StoredRecord:
        offset = self._offsets.get(sent.topic, 0)
        self._offsets[sent.topic] = offset + 1
        return StoredRecord(sent.topic, 0, offset, NOW, sent.key, sent.value)

    def tell(self, sent: Sent) -> None:
        effects = self.desk.on_records(sent.topic, [self.stored(sent)])
        self.desk.commit()
        for output in effects.outputs:
            if output.topic == "desk.contacts":  # claims, and what is answered
                self.tell(Sent(*output))

    def ask(self, sent: Sent) -> None:
        effects = self.intake.on_records(sent.topic, [self.stored(sent)])
        self.intake.commit()
        for output in effects.outputs:
            if output.topic == "desk.contacts":
                self.sent.append(Sent(*output))
                self.tell(Sent(*output))


@pytest.fixture(scope="module")
def played() -> Played:
    return Played()


def kept(played: Played) -> list[list[str]]:
    return [[key.decode(), value.decode()] for key, value in sorted(played.desk.snapshot())]


def test_the_state_written_is_the_golden_one(played: Played) -> None:
    golden = [orjson.loads(line) for line in STATE.read_bytes().splitlines()]
    assert kept(played) == golden, f"a new format? then raise LINE_FORMAT and write {STATE.name}"


def test_the_golden_state_is_gone_on_from(played: Played) -> None:
    golden = [orjson.loads(line) for line in STATE.read_bytes().splitlines()]
    desk = Desk(partition=0, deployment="d1", revision=POLICY)
    desk.restore((key.encode(), value.encode()) for key, value in golden)
    done = {"advisor_id": "a-1", "contact_id": "k-1"}
    sent = advisor("finished", "done", NOW, "hall", **done)
    record = StoredRecord(sent.topic, 0, 9, NOW + 1000, sent.key, sent.value)
    kinds = [
        orjson.loads(one.value or b"")["data"]["kind"]
        for one in desk.on_records(sent.topic, [record]).outputs
        if one.topic == "routing.audit"
    ]
    assert kinds == ["finished"]
    assert desk.next_deadline() is not None


def test_contacts_are_sent_in_the_golden_format(played: Played) -> None:
    golden = [orjson.loads(line) for line in SENT.read_bytes().splitlines()]
    sent = [orjson.loads(one.value or b"") for one in played.sent]
    assert sent == golden, f"a new format? then raise FORMAT and write {SENT.name}"


def test_a_format_from_the_future_is_refused_with_a_remedy(played: Played) -> None:
    from tierlane.errors import StateError

    state = {key: value.replace(b"[3,", b"[4,", 1) for key, value in played.desk.snapshot()}
    with pytest.raises(StateError, match="one release after"):
        Desk(partition=0, deployment="d1", revision=POLICY).restore(state.items())


def test_a_contact_too_large_for_a_record_goes_without_what_is_told_to_who_serves() -> None:
    from dataclasses import replace

    from tierlane.errors import Unreadable
    from tierlane.routing.hosting.card import Card
    from tierlane.routing.hosting.onward import LARGEST, Sender, updated
    from tierlane.routing.waiting.event import Updated

    asked = {"contact_id": "k-1", "channel": "chat", "subject": "far"}
    itinerary = POLICY.itinerary(asked, None, None, NOW, arrived=NOW)
    card = Card("u-1", "managed", "standard", "general", "d1.e0.0.d0")
    long = itinerary.last._replace(serve=(("script", "x" * LARGEST),))
    event = Updated("k-1", replace(itinerary, last=long))
    value = updated(Sender("s", "i", NOW), "hall", event, card).value or b""
    assert b"xxx" not in value and b'"legs"' in value
    wide = replace(itinerary, barred=(("people", "x" * LARGEST),))
    with pytest.raises(Unreadable, match="too-large"):
        updated(Sender("s", "i", NOW), "hall", Updated("k-1", wide), card)
