"""An intake with the behaviour suite's policy, and records to hand it."""

from collections.abc import Iterable
from typing import Any, NamedTuple

import orjson

from tests.contract.driver import MASK_KEY, POLICY, Sent
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.memory import MemoryProfiles, StoredRecord
from tierlane.routing.effect import Effects, Output
from tierlane.routing.intake import Intake
from tierlane.routing.limit import IntakeLimits

NOW = 1_772_453_645_120
REVISION = compile_policy(POLICY.read_text(encoding="utf-8"), POLICY.name)
MASK = Mask(MASK_KEY)
EVENTS, RETURNS, PROFILES = "contact.events", "intake.returns", "customer.profiles"


def intake(
    limits: IntakeLimits | None = None, partition: int = 0, revision: Revision = REVISION
) -> Intake:
    """Return an intake with nothing in it."""
    return Intake(
        partition=partition,
        deployment="d1",
        revision=revision,
        profiles=MemoryProfiles(),
        mask=MASK,
        limits=limits,
    )


class Feed:
    """Hands records to an intake, giving out offsets and times."""

    def __init__(self, machine: Intake, now: int = NOW) -> None:
        self.machine = machine
        self.now = now
        self._offsets: dict[str, int] = {}

    def stored(self, sent: Sent, seen: int | None = None) -> StoredRecord:
        """Return the record as the log would hand it over next."""
        offset = self._offsets.get(sent.topic, 0)
        self._offsets[sent.topic] = offset + 1
        place = self.machine.partition
        return StoredRecord(
            sent.topic,
            place,
            offset,
            self.now if seen is None else seen,
            sent.key,
            sent.value,
            sent.headers,
        )

    def give(self, *sent: Sent, seen: int | None = None) -> Effects:
        """Hand records of one topic over as a batch, commit, return what came of it."""
        records = [self.stored(one, seen) for one in sent]
        effects = self.machine.on_records(sent[0].topic, records)
        self.machine.commit()
        return effects


class Told(NamedTuple):
    """Outputs, decoded and sorted by what they are."""

    audit: list[dict[str, Any]]
    entered: list[dict[str, Any]]
    left: list[dict[str, Any]]
    returns: list[dict[str, Any]]
    rejected: list[Output]

    @property
    def kinds(self) -> list[str]:
        """The kinds of the audit records, in order, without the activation of the policy."""
        return [one["kind"] for one in self.audit if one["kind"] != "activated"]


def told(effects: Effects | Iterable[Output]) -> Told:
    """Decode outputs."""
    found = Told([], [], [], [], [])
    for output in effects.outputs if isinstance(effects, Effects) else effects:
        if output.topic == "contact.rejected":
            found.rejected.append(output)
            continue
        event = orjson.loads(output.value or b"")
        if output.topic == "routing.audit":
            found.audit.append(event["data"])
        elif output.topic == RETURNS:
            found.returns.append({"key": output.key, **event})
        elif event["type"] == "tierlane.lane.entered.v1":
            found.entered.append({"topic": output.topic, **event["data"]})
        else:
            found.left.append({"topic": output.topic, **event["data"]})
    return found


def returned(kind: str, name: str, contact_id: str, key: str, **data: Any) -> Sent:
    """Make a record of `intake.returns`."""
    value = orjson.dumps(
        {
            "specversion": "1.0",
            "id": name,
            "source": "desk",
            "type": f"tierlane.return.{kind}.v1",
            "time": "2026-03-02T12:14:05.120Z",
            "data": {"contact_id": contact_id, **data},
        }
    )
    return Sent(RETURNS, key.encode(), value)
