"""What a contact costs in the state machine, stage by stage, in one process without Kafka."""

import gc
import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.figure import significant
from benchmarks.peer.deciding import intakes
from benchmarks.peer.task import Taken
from tierlane.ports import Record
from tierlane.routing.effect import Output
from tierlane.routing.intake import Intake
from tierlane.stream.murmur import place
from tierlane.stream.worker import GARBAGE
from tierlane.topic import CONTACT_EVENTS, ROUTING_AUDIT

STAGES = {
    "decode": (
        "tierlane.contact.reading:Reader.read",
        "tierlane.routing.deciding:Deciding._profile",
    ),
    "decide": ("tierlane.policy.deciding.revision:Revision.decide",),
    "encode": ("tierlane.audit.record:decided", "tierlane.routing.entry:entered"),
}
"""Stage → the functions it consists of, each by the name under which it is called; none calls
another."""

ROUNDS = 2
BATCH = 2_000

Records = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Stages:
    """Microseconds a contact, and sizes of the records written."""

    decode: float
    """Event and profile, from bytes to checked values."""
    decide: float
    encode: float
    """Audit record and lane entry."""
    keep: float
    """The rest of Intake: duplicates, memory, order, positions."""
    audit_median: int
    audit_greatest: int
    entry_median: int

    @property
    def total(self) -> float:
        """Return the whole of Intake."""
        return self.decode + self.decide + self.encode + self.keep

    def json(self, policy: str) -> dict[str, Any]:
        """Return the stages rounded."""
        return {
            "policy": policy,
            **{name: significant(getattr(self, name)) for name in ("decode", "decide", "encode")},
            "keep": significant(self.keep),
            "total": significant(self.total),
            "audit_median": self.audit_median,
            "audit_greatest": self.audit_greatest,
            "entry_median": self.entry_median,
        }


def outputs(policy: Path, contacts: Records, profiles: Records, partitions: int) -> list[Output]:
    """Drive Intake over the contacts; return all that it wrote."""
    written: list[Output] = []
    known = [value for _, value in profiles]
    _drive(intakes(policy, known, partitions), _records(contacts, partitions), written)
    return written


def stages(
    policy: Path, contacts: Records, profiles: Records, partitions: int
) -> tuple[Stages, list[Output]]:
    """Drive Intake over the contacts; return what it cost and all that it wrote.

    The whole is timed without timers inside, the stages in drives of their own; the least of each
    counts, since another process can only make it longer. Every drive begins with nothing
    remembered, so it holds the first decision of each class, as a run does.
    """
    records = _records(contacts, partitions)
    known = [value for _, value in profiles]

    def drive(keep: list[Output] | None = None) -> float:
        machines = intakes(policy, known, partitions)
        gc.collect()
        gc.set_threshold(*GARBAGE)  # as the worker sets it: outcomes are many objects and stay
        return _drive(machines, records, keep)

    count = len(contacts)
    whole = min(drive() for _ in range(ROUNDS)) * 1e6 / count
    spent = dict.fromkeys(STAGES, math.inf)
    for _ in range(ROUNDS):
        with _timed() as clocks:
            drive()
        for name, clock in clocks.items():
            spent[name] = min(spent[name], clock.seconds * 1e6 / count)
    written: list[Output] = []
    drive(written)
    audits = sorted(len(one.value or b"") for one in written if one.topic == ROUTING_AUDIT)
    entries = sorted(len(one.value or b"") for one in written if one.topic != ROUTING_AUDIT)
    keep = max(whole - sum(spent.values()), 0.0)
    sizes = audits[len(audits) // 2], audits[-1], entries[len(entries) // 2]
    return Stages(spent["decode"], spent["decide"], spent["encode"], keep, *sizes), written


def _drive(
    machines: Sequence[Intake], records: Sequence[Sequence[Record]], keep: list[Output] | None
) -> float:
    """Hand each machine its records, a batch at a time; return the seconds it took."""
    begun = time.perf_counter()
    for machine, mine in zip(machines, records, strict=True):
        for start in range(0, len(mine), BATCH):
            made = machine.on_records(CONTACT_EVENTS, mine[start : start + BATCH]).outputs
            if keep is not None:
                keep += made
            machine.commit()
    return time.perf_counter() - begun


def _records(contacts: Records, partitions: int) -> list[list[Record]]:
    """Return the records as they will lie in the log, partition by partition."""
    found: list[list[Record]] = [[] for _ in range(partitions)]
    seen = time.time_ns() // 1_000_000
    for key, value in contacts:
        number = place(key, partitions)
        mine = found[number]
        mine.append(Taken(CONTACT_EVENTS, number, len(mine), seen, key, value))
    return found


class _Clock:
    """Adds up the time inside wrapped functions."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def wrap(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function, timed."""
        now = time.perf_counter

        def timed(*arguments: Any, **options: Any) -> Any:
            begun = now()
            result = function(*arguments, **options)
            self.seconds += now() - begun
            return result

        return timed


@contextmanager
def _timed() -> Iterator[dict[str, _Clock]]:
    """Time the functions of each stage; AttributeError where one is called otherwise by now."""
    clocks = {name: _Clock() for name in STAGES}
    changed: list[tuple[Any, str, Any]] = []
    try:
        for stage, functions in STAGES.items():
            for name in functions:
                module, _, path = name.partition(":")
                *holders, attribute = path.split(".")
                holder: Any = import_module(module)
                for part in holders:
                    holder = getattr(holder, part)
                function = getattr(holder, attribute)
                changed.append((holder, attribute, function))
                setattr(holder, attribute, clocks[stage].wrap(function))
        yield clocks
    finally:
        for holder, attribute, function in changed:
            setattr(holder, attribute, function)
