"""Where an event goes: its topic by its type, its key by the contracts."""

from typing import Any, Final, NamedTuple

import orjson

from tierlane.advisor import LISTED
from tierlane.errors import Unreadable
from tierlane.operator import ORDERS
from tierlane.topic import (
    ADVISOR_DIRECTORY,
    ADVISOR_EVENTS,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
)

REMEMBERED: Final = 200_000
"""Contacts whose key is remembered: more than are open at once in any centre."""


class Address(NamedTuple):
    """Topic without prefix, key, and the event's own time as it is written."""

    topic: str
    key: str
    time: object = None


class Addresses:
    """Finds addresses, and remembers the key of each contact's arrival for its later events.

    A later event may name the key itself, as `partitionkey` (a registered extension of
    CloudEvents); else it goes where its contact's arrival went, if that came by here.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._keys: dict[str, str] = {}

    def of(self, line: bytes) -> Address:
        """Return the address of an event in JSON; raises Unreadable by place, never by content."""
        event = decoded(line)
        kind = event.get("type")
        if kind is None and "specversion" not in event and "contact_id" not in event:
            return Address(CUSTOMER_PROFILES, _text(event, "customer_id", ""))
        if type(kind) is not str:
            raise Unreadable("no-type", "type: missing or no text")
        data = event.get("data")
        if type(data) is not dict:
            raise Unreadable("no-data", "data: missing or no object")
        return Address(*self._place(kind, event, data), event.get("time"))

    def _place(self, kind: str, event: dict[str, Any], data: dict[str, Any]) -> tuple[str, str]:
        if kind.startswith("tierlane.contact."):
            return CONTACT_EVENTS, self._contact_key(kind, event, data)
        if kind.startswith("tierlane.customer."):
            return CUSTOMER_PROFILES, _text(data, "customer_id")
        if kind == LISTED:
            return ADVISOR_DIRECTORY, _text(data, "advisor_id")
        if kind.startswith("tierlane.advisor.") or kind in ORDERS:
            return ADVISOR_EVENTS, _text(data, "desk")
        raise Unreadable("unknown-type", "type: no topic takes such events from outside")

    def _contact_key(self, kind: str, event: dict[str, Any], data: dict[str, Any]) -> str:
        contact = _text(data, "contact_id")
        named = event.get("partitionkey")
        if type(named) is str and named:
            return named
        if kind != "tierlane.contact.arrived.v1":
            return self._keys.get(contact, contact)
        if contact in self._keys:
            return self._keys[contact]
        customer = data.get("customer_id")
        if len(self._keys) >= self._remembered:
            del self._keys[next(iter(self._keys))]
        key = self._keys[contact] = customer if type(customer) is str and customer else contact
        return key


def decoded(line: bytes) -> dict[str, Any]:
    """Return the object that a line of JSON is; raises Unreadable by place, never by content."""
    try:
        event = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise Unreadable("not-json", f"column {error.colno}") from None
    if type(event) is not dict:
        raise Unreadable("not-an-object", f"a JSON {type(event).__name__}")
    return event


def _text(data: dict[str, Any], name: str, place: str = "data.") -> str:
    value = data.get(name)
    if type(value) is not str or not value:
        raise Unreadable("no-key", f"{place}{name}: missing or no text")
    return value
