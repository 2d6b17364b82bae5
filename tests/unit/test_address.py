"""Where an event goes: topic by type, key by the contracts."""

import orjson
import pytest

from tierlane.address import Addresses
from tierlane.errors import Unreadable
from tierlane.topic import ADVISOR_DIRECTORY, ADVISOR_EVENTS, CONTACT_EVENTS, CUSTOMER_PROFILES


def line(kind: str, data: object, **more: object) -> bytes:
    return orjson.dumps({"specversion": "1.0", "type": f"tierlane.{kind}.v1", "data": data, **more})


def arrived(contact: str, customer: str | None = None) -> bytes:
    data = {"contact_id": contact, "channel": "voice"}
    return line("contact.arrived", data | ({"customer_id": customer} if customer else {}))


def place(addresses: Addresses, text: bytes) -> tuple[str, str]:
    return addresses.of(text)[:2]


def test_arrival_goes_by_customer_else_by_contact() -> None:
    addresses = Addresses()
    assert place(addresses, arrived("k-1", "u-1")) == (CONTACT_EVENTS, "u-1")
    assert place(addresses, arrived("k-2")) == (CONTACT_EVENTS, "k-2")


@pytest.mark.parametrize("kind", ["updated", "identified", "answered", "abandoned", "ended"])
def test_later_events_follow_their_arrival(kind: str) -> None:
    addresses = Addresses()
    addresses.of(arrived("k-1", "u-1"))
    addresses.of(arrived("k-2"))
    later = {"customer_id": "u-9"}
    known = line(f"contact.{kind}", {"contact_id": "k-1", **later})
    unknown = line(f"contact.{kind}", {"contact_id": "k-2", **later})
    assert place(addresses, known) == (CONTACT_EVENTS, "u-1")
    assert place(addresses, unknown) == (CONTACT_EVENTS, "k-2")


def test_a_second_arrival_keeps_the_key_of_the_first() -> None:
    addresses = Addresses()
    addresses.of(arrived("k-1"))
    assert place(addresses, arrived("k-1", "u-1")) == (CONTACT_EVENTS, "k-1")


def test_later_event_of_an_arrival_not_seen_here_goes_by_partitionkey_else_contact() -> None:
    data = {"contact_id": "k-1"}
    named = line("contact.ended", data, partitionkey="u-1")
    assert place(Addresses(), named) == (CONTACT_EVENTS, "u-1")
    assert place(Addresses(), line("contact.ended", data)) == (CONTACT_EVENTS, "k-1")


@pytest.mark.parametrize("kind", ["advisor.signed_on", "desk.closed"])
def test_what_advisors_and_operators_tell_goes_to_the_desk(kind: str) -> None:
    told = line(kind, {"advisor_id": "a-1", "desk": "shop"})
    assert place(Addresses(), told) == (ADVISOR_EVENTS, "shop")


def test_only_so_many_contacts_are_remembered_the_oldest_forgotten_first() -> None:
    addresses = Addresses(remembered=2)
    for number in range(3):
        addresses.of(arrived(f"k-{number}", f"u-{number}"))
    ended = [line("contact.ended", {"contact_id": f"k-{n}"}) for n in range(3)]
    assert [addresses.of(text).key for text in ended] == ["k-0", "u-1", "u-2"]


def test_profiles_and_advisors() -> None:
    addresses = Addresses()
    profile = line("customer.profile", {"customer_id": "u-1"})
    assert place(addresses, profile) == (CUSTOMER_PROFILES, "u-1")
    assert place(addresses, b'{"customer_id": "u-2", "measures": {}}') == (CUSTOMER_PROFILES, "u-2")
    listed = line("advisor.listed", {"advisor_id": "a-1", "desk": "shop"})
    assert place(addresses, listed) == (ADVISOR_DIRECTORY, "a-1")
    signed = line("advisor.signed_on", {"advisor_id": "a-1", "desk": "shop"})
    assert place(addresses, signed) == (ADVISOR_EVENTS, "shop")


def test_time_is_handed_on_as_written() -> None:
    text = line("customer.profile", {"customer_id": "u"}, time="2026-03-02T00:00:00Z")
    assert Addresses().of(text).time == "2026-03-02T00:00:00Z"


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (b"{", "not-json", "column 2"),
        (b"[1]", "not-an-object", "a JSON list"),
        (b"\xff", "not-json", "column 1"),
        (b"{}", "no-key", "customer_id: missing or no text"),
        (b'{"specversion": "1.0"}', "no-type", "type: missing or no text"),
        (b'{"type": 7}', "no-type", "type: missing or no text"),
        (b'{"type": "tierlane.contact.arrived.v1"}', "no-data", "data: missing or no object"),
        (line("contact.arrived", {"channel": "voice"}), "no-key", "data.contact_id"),
        (line("contact.arrived", {"contact_id": 7}), "no-key", "data.contact_id"),
        (line("customer.profile", {"customer_id": ""}), "no-key", "data.customer_id"),
        (line("advisor.signed_on", {"advisor_id": "a"}), "no-key", "data.desk"),
        (line("lane.entered", {"contact_id": "secret"}), "unknown-type", "type: no topic"),
    ],
)
def test_what_has_no_address_is_refused_by_place(text: bytes, reason: str, detail: str) -> None:
    with pytest.raises(Unreadable) as caught:
        Addresses().of(text)
    assert caught.value.reason == reason
    assert detail in caught.value.detail
    assert "secret" not in str(caught.value)
