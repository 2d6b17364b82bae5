"""Reading events: what is understood, what is left out, and what is refused with which reason."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson
import pytest

from tierlane.contact.event import ARRIVED, CONTACT_EVENTS
from tierlane.contact.reading import Event, Reader
from tierlane.errors import Unreadable
from tierlane.profile import read_profile

SECRET = "tell nobody 4711"
EVENT: dict[str, Any] = {
    "specversion": "1.0",
    "id": "e-7f3a",
    "source": "voice/beijing",
    "type": ARRIVED,
    "time": "2026-03-02T20:14:05.120+08:00",
    "subject": "k-1001",
    "data": {
        "contact_id": "k-1001",
        "customer_id": "u-42",
        "channel": "voice",
        "language": "zh",
        "text": SECRET,
        "identity": 2,
        "attributes": {"order_value": 329.0, "days_since_delivery": None},
    },
}
READER = Reader(CONTACT_EVENTS)


class Given(NamedTuple):
    """As much of a record as reading looks at."""

    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "contact.events"
    partition: int = 0
    offset: int = 0
    timestamp: int = 0
    key: bytes | None = b"u-42"


def read(value: bytes | None, *headers: tuple[str, bytes]) -> Event:
    return READER.read(Given(value, headers))


def changed(path: str, value: Any) -> bytes:
    """Return the event with the value at a path replaced, or taken out (`...`)."""
    event = orjson.loads(orjson.dumps(EVENT))
    *above, name = path.split(".")
    inner = event
    for one in above:
        inner = inner[one]
    if value is ...:
        del inner[name]
    else:
        inner[name] = value
    return orjson.dumps(event)


def test_arrival_is_read() -> None:
    event = read(orjson.dumps(EVENT))
    assert (event.type, event.id, event.source) == (ARRIVED, "e-7f3a", "voice/beijing")
    assert event.at == 1_772_453_645_120
    assert event.data == EVENT["data"]
    assert event.left_out == ()


def test_unknown_fields_are_kept() -> None:
    assert read(changed("data.mood", {"a": [1]})).data["mood"] == {"a": [1]}
    assert read(changed("partitionkey", "u-42")).data == EVENT["data"]


WHOLE = orjson.dumps(EVENT)
DEEP = b"[" * 10_000 + b"]" * 10_000
HOSTILE: Mapping[str, tuple[bytes | None, str]] = {
    "not JSON": (b"contact please", "not-json"),
    "cut short": (WHOLE[:-3], "not-json"),
    "two values": (WHOLE + WHOLE, "not-json"),
    "empty value": (b"", "empty"),
    "blanks only": (b"   ", "not-json"),
    "tombstone": (None, "tombstone"),
    "not an object: list": (b"[]", "not-an-object"),
    "not an object: text": (b'"contact"', "not-an-object"),
    "not an object: null": (b"null", "not-an-object"),
    "not an object: number": (b"17", "not-an-object"),
    "nested 10,000 deep": (DEEP, "not-json"),
    "nested deep in data": (WHOLE.replace(b"329.0", DEEP), "not-json"),
    "5 MB": (WHOLE.replace(b"k-1001", b"k" * 5_000_000), "too-large"),
    "invalid UTF-8": (WHOLE.replace(b"zh", b"\xff\xfe"), "not-utf8"),
    "UTF-16": (WHOLE.decode().encode("utf-16"), "not-utf8"),
    "byte order mark": (b"\xef\xbb\xbf" + WHOLE, "not-json"),
    "lone surrogate": (WHOLE.replace(b"zh", rb"\ud800"), "not-json"),
    "NaN": (WHOLE.replace(b"329.0", b"NaN"), "not-json"),
    "Infinity": (WHOLE.replace(b"329.0", b"-Infinity"), "not-json"),
    "number beyond a double": (WHOLE.replace(b"329.0", b"1e400"), "not-json"),
    "5,000 digits": (WHOLE.replace(b"329.0", b"9" * 5_000), "not-json"),
    "huge integer as an id": (changed("data.contact_id", 2**64 - 1), "wrong-type"),
    "contact_id missing": (changed("data.contact_id", ...), "missing"),
    "contact_id null": (changed("data.contact_id", None), "wrong-type"),
    "contact_id empty": (changed("data.contact_id", ""), "wrong-value"),
    "contact_id of 201 characters": (changed("data.contact_id", "k" * 201), "wrong-value"),
    "contact_id a list": (changed("data.contact_id", ["k"]), "wrong-type"),
    "customer_id a number": (changed("data.customer_id", 42), "wrong-type"),
    "channel missing": (changed("data.channel", ...), "missing"),
    "channel a flag": (changed("data.channel", True), "wrong-type"),
    "data missing": (changed("data", ...), "missing"),
    "data null": (changed("data", None), "wrong-type"),
    "data a text": (changed("data", "k-1001"), "wrong-type"),
    "id missing": (changed("id", ...), "missing"),
    "source a number": (changed("source", 1), "wrong-type"),
    "specversion missing": (changed("specversion", ...), "missing"),
    "specversion unknown": (changed("specversion", "2.0"), "unknown-version"),
    "specversion a number": (changed("specversion", 1.0), "unknown-version"),
    "type missing": (changed("type", ...), "missing"),
    "type unknown": (changed("type", "tierlane.contact.vanished.v1"), "unknown-type"),
    "type a list": (changed("type", [ARRIVED]), "wrong-type"),
    "time missing": (changed("time", ...), "missing"),
    "time a number": (changed("time", 1_772_453_645_120), "wrong-type"),
    "time without an offset": (changed("time", "2026-03-02T20:14:05.120"), "bad-time"),
    "time no time": (changed("time", "yesterday"), "bad-time"),
    "time before 1970": (changed("time", "0001-01-01T00:00:00+14:00"), "bad-time"),
    "time at the end of times": (changed("time", "9999-12-31T23:59:59-12:00"), "bad-time"),
    "an HTML page": (b"<html>502 Bad Gateway</html>", "not-json"),
    "gzip": (b"\x1f\x8b\x08\x00\x00\x00", "not-utf8"),
}


@pytest.mark.parametrize(("value", "reason"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_value_is_refused(value: bytes | None, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(value)
    assert caught.value.reason == reason


@pytest.mark.parametrize("value", [value for value, _ in HOSTILE.values()], ids=HOSTILE)
def test_refusal_tells_no_content(value: bytes | None) -> None:
    with pytest.raises(Unreadable) as caught:
        read(value)
    told = str(caught.value) + repr(caught.value.__cause__)
    for content in (SECRET, "zh", "kkk", "vanished", "yesterday", "contact please", "Gateway"):
        assert content not in told
    assert len(told) < 200


def test_refusal_names_the_place() -> None:
    with pytest.raises(Unreadable, match=r"missing: data\.contact_id: missing"):
        read(changed("data.contact_id", ...))
    with pytest.raises(Unreadable, match=r"not-json: line 1 column 3"):
        read(b"{ x")


def test_last_of_two_equal_names_counts() -> None:
    assert read(WHOLE.replace(b'"zh"', b'"zh","language":"en"')).data["language"] == "en"


def test_nesting_and_numbers_inside_data_are_no_ones_business() -> None:
    value = changed("data.attributes.tree", None).replace(
        b'"tree":null', b'"tree":' + b"[" * 900 + b"]" * 900
    )
    assert read(value).data["contact_id"] == "k-1001"
    assert read(WHOLE.replace(b"329.0", b"9" * 100)).data["attributes"]["order_value"] == 1e100


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        ("language", 5, ("language", "not text")),
        ("language", "x" * 201, ("language", "too long")),
        ("identity", "2", ("identity", "not a whole number")),
        ("identity", True, ("identity", "not a whole number")),
        ("identity", -1, ("identity", "too small")),
        ("attributes", [1], ("attributes", "not an object")),
        ("text", {"a": SECRET}, ("text", "not text")),
    ],
)
def test_wrong_field_is_left_out_and_named(path: str, value: Any, told: tuple[str, str]) -> None:
    event = read(changed(f"data.{path}", value))
    assert event.left_out == (told,)
    assert path not in event.data
    assert event.data["contact_id"] == "k-1001"


def test_several_wrong_fields_are_left_out_together() -> None:
    event = orjson.loads(changed("data.language", 5))
    event["data"]["region"] = []
    found = read(orjson.dumps(event))
    assert found.left_out == (("language", "not text"), ("region", "not text"))


def binary(**without: Any) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of binary mode, some of them replaced or taken out."""
    names = {name: EVENT[name] for name in ("specversion", "id", "source", "type", "time")}
    kept = {name: value for name, value in (names | without).items() if value is not ...}
    return (
        ("content-type", b"application/json"),
        *((f"ce_{name}", value.encode()) for name, value in kept.items()),
    )


def test_binary_mode_is_read_as_structured() -> None:
    assert read(orjson.dumps(EVENT["data"]), *binary()) == read(WHOLE)


@pytest.mark.parametrize("name", ["specversion", "id", "source", "type", "time"])
def test_binary_mode_with_a_header_missing_is_refused(name: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(orjson.dumps(EVENT["data"]), *binary(**{name: ...}))
    assert caught.value.reason == "missing"
    assert name in caught.value.detail


def test_binary_mode_with_bytes_in_a_header_is_refused() -> None:
    headers = (*binary(id=...), ("ce_id", b"\xff"))
    with pytest.raises(Unreadable, match="not-utf8: headers"):
        read(orjson.dumps(EVENT["data"]), *headers)


def test_structured_mode_is_known_by_its_content_type() -> None:
    headers = (("content-type", b"application/cloudevents+json; charset=utf-8"), ("ce_id", b"x"))
    assert read(WHOLE, *headers) == read(WHOLE)


def test_other_headers_say_nothing() -> None:
    assert read(WHOLE, ("traceparent", b"\xff\x00"), ("content-type", b"")) == read(WHOLE)


PROFILE = {"customer_id": "u-42", "birth_year": 1991, "measures": {"spend_12m": 18250.0}}


def test_profile_is_read_bare_and_as_an_event() -> None:
    event = {**EVENT, "type": "tierlane.customer.profile.v1", "data": PROFILE}
    headers = binary(type="tierlane.customer.profile.v1")
    assert read_profile(orjson.dumps(PROFILE)) == (PROFILE, ())
    assert read_profile(orjson.dumps(event)) == (PROFILE, ())
    assert read_profile(orjson.dumps(PROFILE), headers) == (PROFILE, ())


def test_wrong_measure_is_left_out_without_its_name() -> None:
    given = {**PROFILE, "measures": {"spend_12m": 5.0, SECRET: "much"}, "birth_year": "x"}
    profile, left_out = read_profile(orjson.dumps(given))
    assert profile == {"customer_id": "u-42", "measures": {"spend_12m": 5.0}}
    assert left_out == (("birth_year", "not a whole number"), ("measures.*", "not a number"))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"{", "not-json"),
        (b"[]", "not-an-object"),
        (b"{}", "missing"),
        (b'{"customer_id": 5}', "wrong-type"),
        (b'{"specversion": "1.0", "data": {}}', "missing"),
    ],
)
def test_unreadable_profile_is_refused(value: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read_profile(value)
    assert caught.value.reason == reason
