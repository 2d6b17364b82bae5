"""Records without what is personal, from which the rest is still derived alike.

Taken out: what contacts say, also in feedback, wishes, whatever a policy masks, and every attribute
of a contact and field of a profile that no policy in the record reads. Ids of customers stay: they
are the keys, and the order in which an owner goes through its keys is part of what is derived. A
decision that read what was taken out cannot be made again: verifying counts it as unproven.
"""

from collections.abc import Iterable
from typing import Any, Final

import orjson

from tierlane.contact.event import FEEDBACK, Feedback
from tierlane.policy.deciding.revision import Revision
from tierlane.ports import Record
from tierlane.replay.stored import StoredRecord
from tierlane.topic import (
    ADVISOR_DIRECTORY,
    CONTACT_EVENTS,
    CUSTOMER_PROFILES,
    POLICY_REVISIONS,
    ROUTING_AUDIT,
    ROUTING_SHADOW,
)

ALWAYS: Final = frozenset({"contact.text", "profile.preferences", "profile.birth_year"})
"""Personal whatever a policy does with it."""

REMARKED: Final = frozenset(Feedback.__annotations__)
"""What is kept of feedback: all else may be the customer's own words."""

PLAIN: Final = frozenset({POLICY_REVISIONS, ADVISOR_DIRECTORY})
"""Topics that say nothing of customers."""


class Anonymous:
    """Makes records anonymous; called with each."""

    def __init__(self, revisions: Iterable[Revision]) -> None:
        """`revisions`: all that decided in the record."""
        revisions = tuple(revisions)
        self.taken: Final = ALWAYS.union(*(one.masked for one in revisions))
        """Paths that are taken out though a policy may read them."""
        read = {f"contact.{path}" for one in revisions for path in one.needs.contact}
        read |= {f"profile.{path}" for one in revisions for path in one.needs.profile}
        self._kept = read - self.taken

    def __call__(self, record: Record) -> StoredRecord:
        """Return the record without what is personal; what is no event keeps no value."""
        value = record.value
        if value is not None and record.topic not in PLAIN:
            value = self._anonymous(record.topic, value)
        return StoredRecord(
            record.topic,
            record.partition,
            record.offset,
            record.timestamp,
            record.key,
            value,
            tuple(record.headers),
        )

    def _anonymous(self, topic: str, value: bytes) -> bytes:
        try:
            event = orjson.loads(value)
        except orjson.JSONDecodeError:
            return b"{}"  # refused, as it was
        if type(event) is not dict:
            return b"{}"
        self._take_out(topic, event)
        return orjson.dumps(event)

    def _take_out(self, topic: str, event: dict[str, Any]) -> None:
        data = event.get("data", event)
        if type(data) is not dict:
            return
        if topic == CUSTOMER_PROFILES:
            self._profile(data)
        elif topic in (ROUTING_AUDIT, ROUTING_SHADOW):
            inputs: dict[str, Any] = data.get("inputs") or {}
            for path in sorted(self.taken & inputs.keys()):
                del inputs[path]
                data.setdefault("masked", {})[path] = "taken out"
        else:
            inner: Any = data.get("event")
            for one in (event, inner):
                if type(one) is dict and one.get("type") == FEEDBACK:
                    _leave(one.get("data"), REMARKED)
            self._contact(inner["data"] if topic != CONTACT_EVENTS and _has_data(inner) else data)
            serve: dict[str, Any] = data.get("serve") or {}
            for path in self.taken:
                serve.pop(path.rpartition(".")[2], None)

    def _contact(self, data: dict[str, Any]) -> None:
        for path in self.taken:
            _pop(data, path, "contact")
        attributes: Any = data.get("attributes")
        for name in list(attributes) if type(attributes) is dict else ():
            if f"contact.attributes.{name}" not in self._kept:
                del attributes[name]
        packed = data.get("contact")
        if type(packed) is list:  # handed over: what was kept of it lies among its fields
            for one in packed:
                if type(one) is dict:
                    self._contact(one)

    def _profile(self, data: dict[str, Any]) -> None:
        for name, value in list(data.items()):
            path = f"profile.{name}"
            if name == "customer_id" or path in self._kept:
                continue
            if type(value) is dict and any(one.startswith(f"{path}.") for one in self._kept):
                data[name] = {k: v for k, v in value.items() if f"{path}.{k}" in self._kept}
            else:
                del data[name]


def _leave(data: object, names: frozenset[str]) -> None:
    if type(data) is dict:
        for name in data.keys() - names:
            del data[name]


def _has_data(event: object) -> bool:
    return type(event) is dict and type(event.get("data")) is dict


def _pop(data: dict[str, Any], path: str, root: str) -> None:
    at, *inner, last = path.split(".")
    place: Any = data if at == root else None
    for name in inner:
        place = place.get(name) if type(place) is dict else None
    if type(place) is dict:
        place.pop(last, None)
