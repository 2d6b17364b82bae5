"""Lane entries as they are written: `tierlane.lane.entered.v1` and `tierlane.lane.left.v1`.

An entry is put together from bytes made once per outcome and the contact's own parts, which costs
a third of building and encoding a dictionary.
"""

from typing import Final

import orjson

from tierlane.contact.reading import LATEST
from tierlane.decision import Decision, Promise
from tierlane.routing.envelope import enveloped
from tierlane.routing.memory import KeptContact
from tierlane.value import format_time

ENTERED: Final = "tierlane.lane.entered.v1"
LEFT: Final = "tierlane.lane.left.v1"


def entered(
    contact: KeptContact, decision: Decision, *, source: str, key: str, decision_id: str, now: int
) -> bytes:
    """Encode the contact's entry into the lane of its decision; `now` is on the `seen` clock.

    Promises count from the contact's arrival, so an entry made later keeps them. `key` is the
    key of arrival, by which a desk's returns find their way back.
    """
    outcome, seen = decision.outcome, contact.seen
    promise = outcome.promise
    subject, time = _quoted(contact.id), format_time(now)
    # A key is the customer's id or the contact's, so quoting twice does for three.
    customer = "null" if contact.customer is None else _quoted(contact.customer)
    named = customer if key == contact.customer else _quoted(key)
    advisor = "null" if decision.advisor is None else _quoted(decision.advisor)
    head = (
        f'{{"specversion":"1.0","id":"{contact.entry_id}","source":"{source}","type":"{ENTERED}",'
        f'"time":"{time}","subject":{subject},"data":{{"entry_id":"{contact.entry_id}",'
        f'"entry_no":{contact.entry_no},"contact_id":{subject},'
        f'"customer_id":{customer},"key":{named},'
    )
    tail = (
        f',"entered_at":"{time}","respond_by":{_due(promise, "answer", seen)},'
        f'"resolve_by":{_due(promise, "resolve", seen)},'
        f'"advisor":{advisor},"decision_id":"{decision_id}","serve":'
    )
    serve = orjson.dumps(decision.serve) if decision.serve else b"{}"
    return b"".join((head.encode(), outcome.entry, tail.encode(), serve, b"}}"))


def left(contact: KeptContact, *, source: str, reason: str, now: int) -> bytes:
    """Encode that the contact left the lane it was in.

    The `id` is the entry's; `source` is told apart from the entry's, since `source` and `id`
    together name an event.
    """
    data = {
        "entry_id": contact.entry_id,
        "entry_no": contact.entry_no,
        "contact_id": contact.id,
        "customer_id": contact.customer,
        "lane": contact.lane,
        "kind": contact.kind,
        "desk": contact.desk,
        "left_at": format_time(now),
        "reason": reason,
    }
    own = contact.entry_id
    return enveloped(LEFT, data, event_id=own, source=f"{source}/left", at=now, subject=contact.id)


def _due(promise: Promise, key: str, seen: int) -> str:
    due = promise.due(key, seen)
    return "null" if due is None else f'"{format_time(min(due, LATEST))}"'


def _quoted(text: str) -> str:
    return orjson.dumps(text).decode()
