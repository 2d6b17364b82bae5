"""The troubles of a storm: what is done to workers and broker, and when."""

import asyncio
import json
import signal
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final, NamedTuple, Protocol

from storm.aim import Aim
from storm.watch import Watch
from tests.broker.cluster import Cluster
from tests.broker.kafka import Kafka
from tests.broker.log import Fresh, Log
from tests.worker import Worker

AIM_SECONDS: Final = 10.0
"""How long to look for a batch half written before striking all the same."""
BETWEEN_LOOKS: Final = 0.05
"""At most so many seconds, by lot, that a worker runs on between two looks: a batch or two."""
CALM: Final = 0.7
"""How often all workers have partitions again before the next trouble begins."""
SLICES: Final = 15
"""A portion is written by a fifteenth of what is left of it, and so on until the strike: at the
least one contact a slice, so that there are batches to strike amid as long as one aims."""
SLICE_SECONDS: Final = 0.05
TAKEOVER_SECONDS: Final = 40.0


class Strike(NamedTuple):
    """One signal to a worker."""

    at: int
    """Milliseconds since 1970."""
    trouble: str
    worker: int
    killed: bool
    """False: stopped by SIGSTOP, later let go on."""


class Flow(Protocol):
    """What is fed, portion by portion."""

    @property
    def events(self) -> int:
        """Records taken so far."""

    def portion(self, contacts: int) -> Iterator[Fresh]:
        """Yield records until so many more contacts have arrived, or all have."""

    def rest(self) -> Iterator[Fresh]:
        """Yield all that is left."""


@dataclass(slots=True)
class Storm:
    """Workers under a flow of contacts, and the troubles made for them."""

    broker: Kafka | Cluster
    log: Log
    workers: tuple[Worker, ...]
    """Two or more."""
    flow: Flow
    watch: Watch
    aim: Aim
    random: Random
    portion: int
    """Contacts fed before each strike."""
    patience: float
    """Seconds without any record served after which `settle` raises `Stuck`."""
    kept: Sequence[str] = ()
    """Topics whose copies are in step again before another of several brokers is lost."""
    kind: str = "intake"
    """The owners that are aimed at."""
    strikes: list[Strike] = field(default_factory=list)
    takeovers: int = 0
    """How often all partitions were served while one worker was dead or stopped."""
    away: list[float] = field(default_factory=list)
    """Seconds from each end of a broker until it served again, or the others had served all."""
    exits: int = 0
    """How often a worker ended by itself, such as a zombie that found itself shut out."""
    _writing: asyncio.Task[int] | None = None
    _struck: asyncio.Event = field(default_factory=asyncio.Event)
    """Since the last portion was begun."""

    async def kill_back_at_once(self) -> None:
        """Kill a worker; a supervisor starts it again at once."""
        victim = await self._strike()
        self.workers[victim].start()

    async def kill_taken_over(self) -> None:
        """Kill a worker; others serve its partitions before it comes back."""
        victim = await self._strike()
        await self._takeover()
        self.workers[victim].start()

    async def kill_recovering(self) -> None:
        """Kill a worker, and once more while it takes up its state."""
        victim = await self._strike()
        self.workers[victim].start()
        await asyncio.sleep(self.random.uniform(1.0, 3.5))
        await self._strike(victim, aimed=False)
        self.workers[victim].start()

    async def kill_rebalancing(self) -> None:
        """Kill a worker; as it comes back, kill another amid the rebalance."""
        victim = await self._strike()
        await self._takeover()
        self.workers[victim].start()
        await asyncio.sleep(self.random.uniform(0.8, 2.0))
        others = [number for number in range(len(self.workers)) if number != victim]
        other = await self._strike(self.random.choice(others))
        self.workers[other].start()

    async def zombie(self) -> None:
        """Stop a worker until it is replaced, then let it go on where it was."""
        await self.all_serve()
        victim = await self._strike(killed=False)
        await self._takeover()
        self.workers[victim].signal(signal.SIGCONT)
        await asyncio.sleep(self.random.uniform(1.0, 3.0))

    async def broker_restart(self) -> None:
        """Restart the broker amid the flow, on the same ports."""
        await self._restart_broker(kill=False)

    async def broker_kill(self) -> None:
        """Kill the broker amid the flow, as a power cut would, and start it again."""
        await self._restart_broker(kill=True)

    async def node_killed(self) -> None:
        """Kill one of several brokers amid the flow; it comes back once the others serve all."""
        await self._lose_node(kill=True)

    async def node_stopped(self) -> None:
        """Stop one of several brokers amid the flow, in an orderly way."""
        await self._lose_node(kill=False)

    async def _lose_node(self, *, kill: bool) -> None:
        assert isinstance(self.broker, Cluster)
        node = self.broker.turn()
        await self._feed()
        await self.aim.fire(set(self.watch.ends), AIM_SECONDS)
        self._struck.set()
        await self.aim.stop()  # a consumer of aiokafka that lost its broker does not stop in peace
        begun = time.monotonic()
        await asyncio.to_thread(node.kill if kill else node.stop)
        await self.settle()
        self.away.append(round(time.monotonic() - begun, 1))
        await asyncio.to_thread(node.start)
        await self.log.in_step(self.kept)
        await self.aim.start()

    async def _restart_broker(self, *, kill: bool) -> None:
        assert isinstance(self.broker, Kafka)
        await self._feed()
        await self.aim.fire(set(self.watch.ends), AIM_SECONDS)
        self._struck.set()
        await self.aim.stop()  # a consumer of aiokafka that lost its broker does not stop in peace
        begun = time.monotonic()
        with self.watch.broker_away():
            await asyncio.to_thread(self.broker.restart, kill=kill)
        self.away.append(round(time.monotonic() - begun, 1))
        await self.aim.start()

    async def settle(self) -> None:
        """Wait until everything written is served; start who ends by itself meanwhile."""
        if self._writing is not None:
            await self._writing
        self._supervise()
        await self.watch.until_served(self.flow.events, self.patience, self._supervise)
        if self.random.random() < CALM:
            await self.all_serve()

    async def all_serve(self) -> None:
        """Wait until every worker has partitions."""
        await self.watch.until(lambda: all(map(owned, self.workers)), TAKEOVER_SECONDS)

    def _supervise(self) -> None:
        for worker in self.workers:
            if not worker.running:
                self.exits += 1
                worker.start()

    async def _strike(
        self, victim: int | None = None, *, killed: bool = True, aimed: bool = True
    ) -> int:
        """Feed a portion, and amid its transactions kill or stop a worker; return which."""
        chosen = self.random.randrange(len(self.workers)) if victim is None else victim
        await self._feed()
        worker = self.workers[chosen]
        if aimed:
            await self._aim(worker)
        if killed:
            worker.kill()
        else:
            worker.signal(signal.SIGSTOP)
        self._struck.set()
        name = self.watch.trouble
        self.strikes.append(Strike(time.time_ns() // 1_000_000, name, chosen, killed))
        return chosen

    async def _aim(self, worker: Worker) -> None:
        """Stop the worker amid a batch: what it has begun to write stays begun while one looks.

        A look at a worker that runs is out of date when the signal comes, and on a busy machine
        most strikes would fall beside the batch.
        """
        deadline = time.monotonic() + AIM_SECONDS
        while time.monotonic() < deadline:
            worker.signal(signal.SIGSTOP)
            if await self.aim.hits(owned(worker, self.kind)):
                return
            worker.signal(signal.SIGCONT)
            await asyncio.sleep(self.random.uniform(0, BETWEEN_LOOKS))

    async def _feed(self) -> None:
        """Begin to write the next portion: a part of it at once, the rest little by little."""
        if self._writing is not None:
            await self._writing
        self._struck.clear()
        self._writing = asyncio.create_task(self._write())

    async def _write(self) -> int:
        left = self.portion - int(self.portion * self.random.random())
        written = await self.log.write(self.flow.portion(self.portion - left))
        while left and not self._struck.is_set():
            part = max(1, left // SLICES)
            written += await self.log.write(self.flow.portion(part))
            left -= part
            await asyncio.sleep(SLICE_SECONDS)
        for number in range(SLICES, 0, -1):
            part = left // number
            written += await self.log.write(self.flow.portion(part))
            left -= part
            await asyncio.sleep(SLICE_SECONDS)
        return written

    async def _takeover(self) -> None:
        moved = await self.watch.until_all_move(dict(self.watch.done), TAKEOVER_SECONDS)
        self.takeovers += moved


def owned(worker: Worker, kind: str = "intake") -> set[int]:
    """Return the partitions of a kind of owner that a worker's log says it has.

    Only the storm's aim rests on it.
    """
    for line in reversed(worker.said_since_start.splitlines()):
        if '"event": "assigned"' in line:
            found = json.loads(line)
            names = (name.partition("-") for name in (*found["kept"], *found["new"]))
            return {int(number) for name, _, number in names if name == kind}
    return set()


Trouble = Callable[[Storm], Awaitable[None]]

KILLS: Final[dict[Trouble, int]] = {
    Storm.kill_back_at_once: 1,
    Storm.kill_taken_over: 1,
    Storm.kill_recovering: 2,
    Storm.kill_rebalancing: 2,
    Storm.zombie: 0,
}
"""The troubles, and how many kills each makes."""

ROUND: Final = (
    Storm.kill_back_at_once,
    Storm.kill_recovering,
    Storm.kill_taken_over,
    Storm.zombie,
    Storm.kill_back_at_once,
    Storm.kill_rebalancing,
    Storm.kill_back_at_once,
)
"""Eight kills and a zombie."""


def name_of(trouble: Trouble) -> str:
    """Return a trouble's name."""
    return str(getattr(trouble, "__name__", trouble))


def troubles(kills: int, random: Random, *, nodes: int = 1) -> list[Trouble]:
    """Return troubles of at least so many kills, shuffled, with the brokers' own amid them.

    One broker is restarted; of several each is lost twice: killed, and stopped.
    """
    chosen: list[Trouble] = []
    while sum(KILLS[one] for one in chosen) < kills:
        chosen.append(ROUND[len(chosen) % len(ROUND)])
    random.shuffle(chosen)
    if nodes == 1:
        chosen.insert(len(chosen) // 2, Storm.broker_restart)
        return chosen
    lost = [Storm.node_killed, Storm.node_stopped] * nodes
    for number, one in enumerate(lost, 1):
        chosen.insert(number * len(chosen) // (len(lost) + 1), one)
    return chosen


def portions(chosen: Sequence[Trouble]) -> int:
    """Return how many portions of the flow the troubles take: one a strike, one the broker's."""
    return sum(max(1, KILLS.get(one, 1)) for one in chosen)
