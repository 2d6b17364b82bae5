"""What a contestant is told, how it answers contacts, and what it reports."""

import json
import os
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from benchmarks import flow
from benchmarks.flow import Answer
from tierlane.ports import Record
from tierlane.routing.effect import Output


class Taken(NamedTuple):
    """A record taken from a library whose own is shaped otherwise."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...] = ()


class Answering(Protocol):
    """How a row answers contacts: Transport looks up, Full decides."""

    def each(self, records: Sequence[Record]) -> Iterable[Output]:
        """Answer records of one partition, in order."""

    def one(
        self, key: bytes | None, value: bytes, partition: int, offset: int, seen: int
    ) -> Iterable[Output]:
        """Answer one record, taken by the log at `seen`, in milliseconds since 1970."""


class Lookup:
    """Answers worked out beforehand."""

    def __init__(self, answers: dict[bytes, Answer]) -> None:
        self._answers = answers

    def each(self, records: Sequence[Record]) -> Iterable[Output]:
        """Look each record up."""
        answers = self._answers
        return [out for record in records for out in answers[record.value or b""]]

    def one(
        self, key: bytes | None, value: bytes, partition: int, offset: int, seen: int
    ) -> Iterable[Output]:
        """Look one record up."""
        return self._answers[value]


@dataclass(frozen=True, slots=True)
class Task:
    """One run of one contestant: from the first record of the topic to the `contacts`-th."""

    brokers: str
    prefix: str
    group: str
    contacts: int
    partitions: int
    report: str
    """The file that the figures go to."""
    guarantee: str = ""
    """`exactly-once` or `at-least-once`, for tierlane; empty for a peer."""
    flow: str = ""
    """The file of the precomputed answers (Transport); empty in the Full row."""
    policy: str = ""
    """The policy file by which contacts are decided (Full); empty in the Transport row."""
    profiles: str = ""
    """The file of profiles (JSON lines of events) that deciding joins; empty for none."""

    def topic(self, name: str) -> str:
        """Return the topic as it is called on the broker."""
        return self.prefix + name

    def save(self, path: Path) -> None:
        """Write the task for the contestant's process."""
        path.write_text(json.dumps(asdict(self)))

    @property
    def topics(self) -> dict[str, str]:
        """The outputs' topics: name without the prefix → as it is called on the broker."""
        return {name: self.topic(name) for name in flow.OUTPUTS}

    def answering(self) -> Answering:
        """Return how this row answers; loads what that needs, before the clock runs."""
        if self.flow:
            return Lookup(flow.load(Path(self.flow)).answers)
        from benchmarks.peer.deciding import Deciding

        return Deciding(Path(self.policy), self.profiles, self.partitions)


def given() -> Task:
    """Read the task from the file that the command line names."""
    return Task(**json.loads(Path(sys.argv[1]).read_text()))


class Watch:
    """Measures from the first record in hand to the last output acknowledged."""

    __slots__ = ("begun", "contacts", "cpu", "task")

    def __init__(self, task: Task) -> None:
        self.begun = 0.0
        self.cpu = 0.0
        self.contacts = 0
        self.task = task

    def took(self, contacts: int = 1) -> None:
        """Note contacts that were taken in hand; the first starts the clock."""
        if not self.begun:
            self.begun, self.cpu = time.perf_counter(), time.process_time()
        self.contacts += contacts

    @property
    def complete(self) -> bool:
        """Whether every contact was taken in hand."""
        return self.contacts >= self.task.contacts

    def report(self, ended: float = 0.0) -> None:
        """Write the figures, all outputs being acknowledged (at `ended`, or now); end the process.

        Ends it at once: closing consumers and producers is not what is measured.
        """
        seconds = (ended or time.perf_counter()) - self.begun
        cpu = time.process_time() - self.cpu
        figures = {"contacts": self.contacts, "seconds": seconds, "cpu_seconds": cpu}
        Path(self.task.report).write_text(json.dumps(figures))
        os._exit(0)
