"""Events for the suite, as short calls."""

from typing import Any

import orjson

from tests.contract.driver import Sent
from tierlane.value import format_time


def cloud_event(kind: str, name: str, at: int, data: dict[str, Any]) -> bytes:
    """Encode a CloudEvent of the type `tierlane.KIND.v1` with the id `NAME`."""
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": name,
            "source": "test",
            "type": f"tierlane.{kind}.v1",
            "time": format_time(at),
            "data": data,
        }
    )


def contact(kind: str, name: str, at: int, contact_id: str, key: str, **data: Any) -> Sent:
    """Make a contact event; `key` is the contact's key of arrival."""
    value = cloud_event(f"contact.{kind}", name, at, {"contact_id": contact_id, **data})
    return Sent("contact.events", key.encode(), value)


def arrived(at: int, contact_id: str, customer: str | None = None, **data: Any) -> Sent:
    """Make an arrival with the event id `arrived-CONTACT`, on voice unless said otherwise."""
    data = {"channel": "voice", "customer_id": customer, **data}
    name = f"arrived-{contact_id}"
    return contact("arrived", name, at, contact_id, customer or contact_id, **data)


def profile(customer: str, **data: Any) -> Sent:
    """Make a bare profile."""
    value = orjson.dumps({"customer_id": customer, **data})
    return Sent("customer.profiles", customer.encode(), value)


def advisor(kind: str, name: str, at: int, desk: str, **data: Any) -> Sent:
    """Make an event of the advisor `a-1` at a desk."""
    told = {"advisor_id": "a-1", "desk": desk, **data}
    return Sent("advisor.events", desk.encode(), cloud_event(f"advisor.{kind}", name, at, told))
