"""Lane entries as they are written: `tierlane.lane.entered.v1` and `tierlane.lane.left.v1`.

An entry is put together from bytes made once per outcome and the contact's own parts, which costs
a third of building and encoding a dictionary.
"""

from typing import Final

import orjson

from tierlane.contact.reading import LATEST
from tierlane.decision import Decision
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
    outcome = decision.outcome
    promise = outcome.promise
    subject, time = _quoted(contact.id), format_time(now)
    head = (
        f'{{"specversion":"1.0","id":"{contact.entry_id}","source":"{source}","type":"{ENTERED}",'
        f'"time":"{time}","subject":{subject},"data":{{"entry_id":"{contact.entry_id}",'
        f'"entry_no":{contact.entry_no},"contact_id":{subject},'
        f'"customer_id":{_quoted(contact.customer)},"key":{_quoted(key)},'
    )
    tail = (
        f',"entered_at":"{time}","respond_by":{_due(contact.seen, promise.answer)},'
        f'"resolve_by":{_due(contact.seen, promise.resolve)},'
        f'"advisor":{_quoted(decision.advisor)},"serve":'
    )
    serve = orjson.dumps(decision.serve) if decision.serve else b"{}"
    end = f',"decision_id":"{decision_id}"}}}}'
    return b"".join((head.encode(), outcome.entry, tail.encode(), serve, end.encode()))


def left(contact: KeptContact, *, source: str, reason: str, now: int) -> bytes:
    """Encode that the contact left the lane it was in.

    The `id` is the entry's; `source` is told apart from the entry's, since `source` and `id`
    together name an event.
    """
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": contact.entry_id,
            "source": f"{source}/left",
            "type": LEFT,
            "time": format_time(now),
            "subject": contact.id,
            "data": {
                "entry_id": contact.entry_id,
                "entry_no": contact.entry_no,
                "contact_id": contact.id,
                "customer_id": contact.customer,
                "lane": contact.lane,
                "kind": contact.kind,
                "desk": contact.desk,
                "left_at": format_time(now),
                "reason": reason,
            },
        }
    )


def _due(seen: int, promised: int | None) -> str:
    return "null" if promised is None else f'"{format_time(min(seen + promised, LATEST))}"'


def _quoted(text: str | None) -> str:
    return "null" if text is None else orjson.dumps(text).decode()
