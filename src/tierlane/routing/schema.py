"""The JSON schemas of `topics/schemas/`, made from the models.

One schema a topic; the four lanes share one. `contact.rejected` has none: it holds what could not
be read. A test holds the files equal to this.
"""

from functools import reduce
from operator import or_
from typing import Any, Final

import orjson
from pydantic import TypeAdapter

from tierlane import advisor
from tierlane.contact.event import CONTACT_EVENTS
from tierlane.contact.returned import RETURN_EVENTS
from tierlane.operator import ORDERS
from tierlane.policy.publish.publication import LiveEvent, RevisionEvent
from tierlane.profile import Profile, ProfileEvent
from tierlane.routing.hosting.claim import CLAIM_EVENTS
from tierlane.routing.hosting.onward import ONWARD_EVENTS
from tierlane.routing.published import (
    AuditEvent,
    ConfirmedEvent,
    EnteredEvent,
    LeftEvent,
    OfferedEvent,
    RefusedEvent,
    RevokedEvent,
    SignedOffEvent,
    SignedOnEvent,
    SwitchedEvent,
)

MODELS: Final[dict[str, tuple[Any, ...]]] = {
    "advisor.directory": (advisor.ListedEvent,),
    "advisor.events": (*advisor.ADVISOR_EVENTS.values(), *ORDERS.values()),
    "advisor.offers": (
        OfferedEvent,
        ConfirmedEvent,
        RevokedEvent,
        SignedOnEvent,
        SignedOffEvent,
        RefusedEvent,
        SwitchedEvent,
    ),
    "contact.events": tuple(CONTACT_EVENTS.values()),
    "customer.profiles": (ProfileEvent, Profile),
    "desk.contacts": (*ONWARD_EVENTS.values(), *CLAIM_EVENTS.values()),
    "intake.returns": tuple(RETURN_EVENTS.values()),
    "lane": (EnteredEvent, LeftEvent),
    "policy.revisions": (RevisionEvent, LiveEvent),
    "routing.audit": (AuditEvent,),
}
"""Name of the schema → the models of the records on its topic."""

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(name: str) -> dict[str, Any]:
    """Return the JSON schema of a record's value on the topic."""
    made = TypeAdapter(reduce(or_, MODELS[name])).json_schema()
    return {"$schema": DRAFT, "$id": f"{name}.json", **made}


def written(name: str) -> str:
    """Return the schema as its file holds it."""
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE
    return orjson.dumps(schema(name), option=options).decode()
