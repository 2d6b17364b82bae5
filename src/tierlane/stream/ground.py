"""What all owners of a worker stand on, handed to each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiokafka.structs import TopicPartition

from tierlane.routing.effect import Effects
from tierlane.stream.catalogue import catalogue
from tierlane.stream.client import Clients
from tierlane.stream.machine import Machine, MachineFactory
from tierlane.stream.metric import Metrics
from tierlane.stream.outbox import CODECS
from tierlane.stream.settings import Settings


class Group(Protocol):
    """What an owner asks of the consumer group."""

    async def confirm(self) -> bool:
        """Tell whether this worker is a member of the group's current generation, now."""

    async def answers(self) -> bool:
        """Tell whether the group's coordinator answers at all."""

    async def fetch_from(self, offsets: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Fetch on from offsets, and return them.

        -1 stands for what the group has committed, or the beginning where that is nothing.
        """

    def fetched(self, partition: TopicPartition) -> int | None:
        """Return the offset after what was last handed over, or sought; None if neither."""

    async def commit_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Commit input offsets, outside of any transaction."""

    def behind(self, partition: TopicPartition, position: int) -> int | None:
        """Return how many offsets lie before a position and the log's end; None if unknown."""


class Change(Protocol):
    """What takes effect on a kind's machines between two batches: a policy that is published."""

    async def start(self, ground: "Ground", changed: Callable[[], None]) -> None:
        """Find out what holds, and follow it; `changed` is called when that is something else.

        Raises `TierlaneError` where nothing is there that owners could begin with.
        """

    async def stop(self) -> None:
        """Follow no longer."""

    def troubles(self) -> list[str]:
        """Return, in words, what was published and cannot be used."""

    async def ready(self) -> None:
        """Return once everything that was published by now is known; owners serve after it."""

    async def equip(self, revision: str) -> bool:
        """See that a revision can be found by its hash; tell whether it can, after a while."""

    def due(self, machine: Machine) -> bool:
        """Tell whether there is something to do before the machine's next batch."""

    def make(self, machine: Machine, now: int) -> Effects:
        """Do it, or a bounded part of it; `now` in milliseconds."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of owner: what it reads, where it keeps state, which machine it drives."""

    name: str
    """Owners are called by it and their partition: `intake-3`."""
    inputs: tuple[str, ...]
    """Topics in the order in which a batch takes them, without prefix."""
    changelog: str
    factory: MachineFactory
    profiles: str | None = None
    """Input topic whose records are loaded whole before any other is read."""
    change: Change | None = None
    """What takes effect between two batches."""
    by_time: bool = False
    """Whether records of all inputs are taken in the order in which the log took them."""


@dataclass(slots=True)
class Ground:
    """Settings, connections and measures that owners share."""

    settings: Settings
    clients: Clients
    metrics: Metrics
    folder: Path
    """This member's own."""
    partitions: dict[str, int]
    """Partitions of each topic, by name without prefix."""
    fail: Callable[[BaseException], Awaitable[None]]
    """Ends the worker because of a fault that no owner can mend."""
    group: Group | None = None
    owners: int = 1
    """How many owners of the kind with the most share the worker's time."""
    names: Mapping[str, str] = field(init=False)
    """Topics as the brokers know them, by name without prefix."""
    codecs: Mapping[str, int] = field(init=False)
    """Compression of each topic, by its number in a record batch."""

    def __post_init__(self) -> None:
        self.names = {name: self.settings.topic(name) for name in self.partitions}
        self.codecs = {
            name: CODECS[spec.compression]
            for name, spec in catalogue().items()
            if name in self.partitions
        }

    def places(self, topics: Sequence[str], partition: int) -> dict[str, TopicPartition]:
        """Return one partition of several topics as the brokers know it."""
        return {topic: TopicPartition(self.settings.topic(topic), partition) for topic in topics}
