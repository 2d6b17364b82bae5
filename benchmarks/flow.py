"""The contacts of a run and, for the Transport row, every output worked out beforehand."""

import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from tierlane.routing.effect import Output

ARRIVED = "tierlane.contact.arrived.v1"
ENTERED = "tierlane.lane.entered.v1"
AUDIT = "tierlane.audit.v1"
LANES = tuple(f"lane.{kind}" for kind in ("standard", "priority", "dedicated", "selfservice"))
OUTPUTS = (*LANES, "routing.audit")
CHANNELS = ("voice", "chat", "app", "email")
SUBJECTS = ("order", "delivery", "return", "quality", "invoice")


Answer = tuple[Output, ...]
"""All that one contact leads to: its lane entry and its audit record."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Contacts in order, as (key, value), and the answer to each value where it is known."""

    contacts: tuple[tuple[bytes, bytes], ...]
    answers: dict[bytes, Answer]

    def first(self, count: int) -> "Flow":
        """Return the flow of the first `count` contacts."""
        contacts = self.contacts[:count]
        return Flow(contacts, {value: self.answers[value] for _, value in contacts})

    def save(self, path: Path) -> None:
        """Write the flow for a contestant's process; only `load` reads it."""
        path.write_bytes(pickle.dumps((self.contacts, list(self.answers.items()))))


def load(path: Path) -> Flow:
    """Read a flow that `Flow.save` wrote in this run."""
    contacts, answers = pickle.loads(path.read_bytes())
    return Flow(contacts, dict(answers))


def precomputed(count: int) -> Flow:
    """Make `count` small contacts of one arrival each, with a lane entry and an audit record.

    The sizes (about 270, 240 and 310 bytes) leave the cost per record in view; the Full row has
    the sizes of real records.
    """
    contacts = []
    answers = {}
    for number, (key, value, answer) in enumerate(_small(count)):
        if value in answers:
            raise ValueError(f"contact {number} equals an earlier one")
        contacts.append((key, value))
        answers[value] = answer
    return Flow(tuple(contacts), answers)


def _small(count: int) -> Iterator[tuple[bytes, bytes, Answer]]:
    for number in range(count):
        contact, customer = f"k-{number:08d}", f"u-{number * 7919 % max(count // 3, 1):07d}"
        second, rest = divmod(number, 1000)
        at = f"2026-03-02T{12 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
        facts = {
            "contact_id": contact,
            "customer_id": customer,
            "channel": CHANNELS[number % len(CHANNELS)],
            "subject": SUBJECTS[number % len(SUBJECTS)],
        }
        event = _event(f"e-{number}", ARRIVED, f"{at}.{rest:03d}Z", contact, facts)
        lane = {"contact_id": contact, "lane": "people", "kind": "standard", "tier": "gold"}
        entry = _event(f"d1.c0.{number}.e0", ENTERED, f"{at}.{rest:03d}Z", contact, lane)
        why = lane | {"kind": "decided", "scenario": facts["subject"], "plan": "people first"}
        audit = _event(f"d1.c0.{number}.d0", AUDIT, f"{at}.{rest:03d}Z", contact, why)
        outputs = (("lane.standard", entry), ("routing.audit", audit))
        answer = tuple(Output(topic, contact.encode(), record) for topic, record in outputs)
        yield customer.encode(), event, answer


def _event(identifier: str, kind: str, at: str, subject: str, data: dict[str, str]) -> bytes:
    event = {"specversion": "1.0", "id": identifier, "source": "bench", "type": kind, "time": at}
    return orjson.dumps({**event, "subject": subject, "data": data})
