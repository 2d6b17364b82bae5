"""What is written follows the published schemas; so does what the suite sends."""

from collections.abc import Iterator

import jsonschema
import orjson
import pytest

from tests.contract.driver import Sent
from tests.contract.event import advisor, arrived, cloud_event, contact, profile
from tests.unit.routing.scene import NOW, RETURNS, Feed, intake
from tierlane.replay.memory import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.effect import Output
from tierlane.routing.schema import MODELS, schema

NAMED = {"contact_id": "k-1", "contact_key": "u-1"}
SENT = (
    profile("u-1", measures={"spend_12m": 20000.0}, dedicated_advisor="a-7"),
    arrived(NOW, "k-1", "u-1", subject="order", text="my lawyer", attributes={"order_value": 3.0}),
    contact("updated", "e-1", NOW, "k-1", "u-1", subject="claim"),
    contact("answered", "e-2", NOW, "k-1", "u-1", advisor_id="a-7"),
    contact("transferred", "e-3", NOW, "k-1", "u-1", reason="other desk"),
    arrived(NOW, "k-2"),
    arrived(NOW, "k-3", "u-1"),
    contact("identified", "e-4", NOW, "k-2", "k-2", customer_id="u-2"),
    contact("abandoned", "e-5", NOW, "k-2", "k-2"),
    contact("ended", "e-6", NOW, "k-1", "u-1", outcome="solved", feedback={"stars": 5}),
    contact("ended", "e-6", NOW, "k-1", "u-1"),
    contact("feedback", "e-7", NOW, "k-1", "u-1", score=4, scale=[1, 5], resolved=True),
    Sent("customer.profiles", b"u-1", None),
)
ADVISOR = (
    advisor("signed_on", "e-1", NOW, "shop", skills={"ja": 3}, languages=["ja"]),
    advisor("state", "e-2", NOW, "shop", state="available"),
    advisor("heartbeat", "e-3", NOW, "shop", contacts=[]),
    advisor("accepted", "e-4", NOW, "shop", **NAMED),
    advisor("declined", "e-5", NOW, "shop", offer_id="o-1"),
    advisor("finished", "e-6", NOW, "shop", **NAMED),
    advisor("signed_off", "e-7", NOW, "shop"),
)

ORDERED = tuple(
    Sent("advisor.events", b"shop", cloud_event(f"desk.{kind}", f"o-{kind}", NOW, data))
    for kind, about in (
        ("closed", {"lane": "people", "until": "2026-03-02T20:00:00+08:00", "by": "m.li"}),
        ("opened", {"lane": "people"}),
        ("moved", {"lane": "senior", "contact_id": "k-1"}),
        ("released", {"contact_id": "k-1", "by": None}),
        ("halted", {}),
        ("resumed", {"by": "m.li"}),
    )
    for data in [{"desk": "shop", "reason": "storm", **about}]
)
ENTRY = {
    "entry_id": "x", "entry_no": 1, "contact_id": "k-1", "customer_id": None, "lane": "people",
    "kind": "standard", "desk": "shop", "key": "k-1", "tier": "basic", "scenario": "order",
    "priority": 1, "step": 1, "policy": {"name": "p", "revision": "0"}, "entered_at": "t",
    "respond_by": None, "resolve_by": None, "advisor": None, "serve": {}, "decision_id": "d",
}  # fmt: skip
OFFER = {"offer_id": "o-1", "contact_id": "k-1", "advisor_id": "a-1", "desk": "shop"}


def written() -> Iterator[Output]:
    """Let an intake and a desk deal with all of it, and intake with what comes back."""
    feed = Feed(intake())
    outputs = [output for sent in SENT for output in feed.give(sent).outputs]
    desk = Desk(partition=0, deployment="d1")
    records = [
        StoredRecord(one.topic, 0, n, NOW, one.key, one.value) for n, one in enumerate(ADVISOR)
    ]
    outputs += desk.on_records("advisor.events", records).outputs
    yield from outputs
    for output in outputs:
        if output.topic == RETURNS:
            yield from feed.give(Sent(*output)).outputs
    feed.now += 8 * 86_400_000
    yield from feed.machine.on_deadline(feed.now).outputs


def check(topic: str, value: bytes | None) -> None:
    """Hold a value to the schema of its topic."""
    name = "lane" if topic.startswith("lane.") else topic
    validator = jsonschema.Draft202012Validator(schema(name))
    validator.validate(orjson.loads(value or b""))


def test_everything_written_follows_its_schema() -> None:
    outputs = list(written())
    assert {one.topic for one in outputs} >= {"routing.audit", RETURNS, "lane.dedicated"}
    types = {orjson.loads(one.value or b"")["type"] for one in outputs}
    assert types >= {
        "tierlane.lane.left.v1",
        "tierlane.return.identified.v1",
        "tierlane.return.forwarded.v1",
        "tierlane.return.finished.v1",
    }
    for output in outputs:
        check(output.topic, output.value)


@pytest.mark.parametrize("sent", [one for one in (*SENT, *ADVISOR, *ORDERED) if one.value])
def test_everything_sent_follows_its_schema(sent: Sent) -> None:
    check(sent.topic, sent.value)


@pytest.mark.parametrize("name", MODELS)
def test_schema_refuses_what_is_no_event(name: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema(name)).validate({"type": "tierlane.x.v1"})


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("offered", ENTRY | OFFER | {"channel": "chat", "expires_at": "t"}),
        ("confirmed", OFFER),
        ("revoked", OFFER | {"reason": "taken"}),
    ],
)
def test_offer_says_all_that_its_schema_asks_for(kind: str, data: dict[str, object]) -> None:
    check("advisor.offers", cloud_event(f"offer.{kind}", "e", NOW, data))
    for name in data:
        rest = {key: value for key, value in data.items() if key != name}
        with pytest.raises(jsonschema.ValidationError):
            check("advisor.offers", cloud_event(f"offer.{kind}", "e", NOW, rest))
