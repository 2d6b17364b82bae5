"""One storm from beginning to end: broker, topics, workers, troubles, the undisturbed run."""

import asyncio
import logging
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Final

from storm.aim import STATE, Aim, aim_at
from storm.check import check, table
from storm.flow import Flow, copy
from storm.marker import End, ends
from storm.replayed import record, verified
from storm.trouble import Storm, Strike, Trouble, name_of, portions, troubles
from storm.watch import Stuck, Watch
from tests.broker.cluster import COPIES, Cluster
from tests.broker.kafka import Kafka
from tests.broker.log import Log
from tests.topics import create_topics
from tests.worker import COMMAND, Worker
from tierlane.stream.catalogue import catalogue

STORM: Final = "storm-"
UNDISTURBED: Final = "undisturbed-"
GROUP: Final = "tierlane"
FIRST_SHARE: Final = 0.1
"""Contacts served before the first trouble, so that there is state to lose."""
STOP_SECONDS: Final = 25.0
HANDED_ON_SECONDS: Final = 0.5
"""Between two looks at what was handed on: each reads it whole."""
RETURNS: Final = "intake.returns"
BATCH_RECORDS: Final = "200"
"""Small batches: more transactions, and so more places to be killed in."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a storm is to be."""

    contacts: int
    kills: int
    seed: int
    folder: Path
    partitions: int = 4
    workers: int = 2
    brokers: int = 1
    """One, or three that keep a copy of everything each."""
    guarantee: str = "exactly-once"
    command: Sequence[str] = COMMAND
    """What stands before `worker`: the product, or a test's worker with a fault put in."""
    settings: Mapping[str, str] = field(default_factory=dict)
    """Further `TIERLANE_*` of the workers."""
    troubles: Sequence[Trouble] | None = None
    """The troubles in their order, instead of so many kills."""
    patience: float = 60.0
    """Seconds without any record served after which the workers count as stuck."""
    identified: bool = False
    """Whether customers become known amid the storm, which only `compare=False` can judge."""
    compare: bool = True
    """Whether an undisturbed run is made and compared with; at desks, whether all is done again."""
    record: Path | None = None
    """An empty folder for a recording of what the storm left, which is then verified."""
    say: Callable[[str], None] = field(
        default=lambda line: print(line, file=sys.stderr, flush=True)
    )

    @property
    def exactly_once(self) -> bool:
        """Whether batches are transactions."""
        return self.guarantee == "exactly-once"


async def run(plan: Plan) -> dict[str, object]:
    """Run a storm and judge it; return the report. Raises `Stuck` when the undisturbed run does."""
    # A broker that is down on purpose is no news.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    begun = time.monotonic()
    sample = plan.folder / "sample"
    making = asyncio.create_task(asyncio.to_thread(_make_sample, sample, plan))
    await asyncio.sleep(0)  # the thread begins; the broker starts meanwhile
    alone = plan.brokers == 1
    with Kafka.temporary() if alone else Cluster.temporary() as broker:
        await making
        log = Log(broker.address, STORM, copies=1 if alone else COPIES)
        await create_topics(log, plan.partitions)
        plan.say(f"seed {plan.seed}: {plan.kills} kills over {plan.contacts:,} contacts")
        storm_report, strikes = await _storm(plan, broker, log, sample)
        if plan.record is not None:
            plan.say("the troubles are over; recording what they left")
            await asyncio.to_thread(record, plan.record, broker.address, STORM)
        plan.say("the troubles are over; reading what they left")
        against = await _undisturbed(plan, broker, log, sample) if plan.compare else None
        ledger = await check(log, against, repeats=not plan.exactly_once)
        found = ends_of(broker.folder / "data", plan.partitions)
    replayed: dict[str, object] = {}
    if plan.record is not None:
        replayed["replay"] = verified(plan.record, _policy(sample))
    return {
        "seed": plan.seed,
        "guarantee": plan.guarantee,
        "partitions": plan.partitions,
        "workers": plan.workers,
        "brokers": plan.brokers,
        "seconds": round(time.monotonic() - begun),
        **storm_report,
        **inside(strikes, found),
        "transactions committed": sum(end.committed for end in found),
        "transactions aborted": sum(not end.committed for end in found),
        **replayed,
        **table(ledger),
    }


def _policy(sample: Path) -> Path:
    return (sample / "policy.yaml").absolute()


def _make_sample(folder: Path, plan: Plan) -> None:
    tierlane = [*COMMAND, "sample", "--out", str(folder), "--force"]
    amount = ["--contacts", str(plan.contacts), "--seed", str(plan.seed)]
    subprocess.run([*tierlane, *amount], check=True, capture_output=True)


def _worker(plan: Plan, broker: Kafka | Cluster, prefix: str, sample: Path, name: str) -> Worker:
    """Describe a worker; all are started by one command line in one folder."""
    settings = {
        "TIERLANE_BROKERS": broker.address,
        "TIERLANE_PREFIX": prefix,
        "TIERLANE_GUARANTEE": plan.guarantee,
        "TIERLANE_BATCH_RECORDS": BATCH_RECORDS,
        "TIERLANE_WEB_PORT": "0",
        **plan.settings,
    }
    return Worker(
        plan.folder,
        ["--policy", str(_policy(sample))],
        name=prefix + name,
        environment=settings,
        command=plan.command,
    )


async def _storm(
    plan: Plan, broker: Kafka | Cluster, log: Log, sample: Path
) -> tuple[dict[str, object], list[Strike]]:
    random = Random(plan.seed)
    chosen = plan.troubles or troubles(plan.kills, random, nodes=plan.brokers)
    flow = Flow(sample, identified=plan.identified)
    await log.write(flow.profiles())
    workers = tuple(
        _worker(plan, broker, STORM, sample, f"worker-{n}") for n in range(1, plan.workers + 1)
    )
    first = int(plan.contacts * FIRST_SHARE)
    aim = aim_at(log, plan.partitions, exactly_once=plan.exactly_once)
    async with watched(log, plan, aim) as watch:
        storm = Storm(
            broker,
            log,
            workers,
            flow,
            watch,
            aim,
            random,
            portion=(plan.contacts - first) // portions(chosen),
            patience=plan.patience,
            kept=tuple(catalogue()),
        )
        stuck, codes = "", [0] * plan.workers
        try:
            for worker in workers:
                worker.start()
            await make_trouble(plan, storm, chosen, first)
            await handed_on(storm.log, plan.patience)
            codes = [await asyncio.to_thread(worker.stop, STOP_SECONDS) for worker in workers]
        except Stuck as error:
            # What was written up to here still tells what went wrong.
            stuck = str(error)
        finally:
            for worker in workers:
                worker.kill()
    report = report_of(storm, codes, Counter(map(name_of, chosen)))
    return {**report, **({"stuck": stuck} if stuck else {})}, storm.strikes


async def handed_on(log: Log, patience: float, topics: Sequence[str] = (RETURNS,)) -> None:
    """Return once what was handed to another partition is served there; `Stuck` where it is not.

    The watch counts the events that were sent; what comes of them is written to `intake.returns`,
    served later, and may be handed on once more.
    """
    since, left = time.monotonic(), None
    while (now := await _unserved(log, topics)) and time.monotonic() - since < patience:
        if now != left:
            since, left = time.monotonic(), now
        await asyncio.sleep(HANDED_ON_SECONDS)
    if now:
        raise Stuck(f"records are not served, by topic and partition: {now}")


async def _unserved(log: Log, topics: Sequence[str]) -> dict[tuple[str, int], tuple[int, int]]:
    """Return where the group stands behind the last record, and both offsets."""
    done = await log.committed(GROUP, topics)
    # Records, not ends, since a marker may be last; and after the offsets, since what was
    # committed with these is then there too.
    last = {(one.topic, one.partition): one.offset async for one in log.read(topics)}
    return {
        place: (done.get(place, 0), offset)
        for place, offset in last.items()
        if done.get(place, 0) <= offset
    }


async def make_trouble(plan: Plan, storm: Storm, chosen: Sequence[Trouble], first: int) -> None:
    """Make one trouble after another, each once the one before is got over."""
    watch, flow = storm.watch, storm.flow
    await storm.log.write(flow.portion(first))
    await storm.settle()
    for number, trouble in enumerate(chosen, 1):
        watch.trouble = name_of(trouble)
        plan.say(f"{number}/{len(chosen)} {watch.trouble}, {watch.served:,} records served")
        await trouble(storm)
        await storm.settle()
    watch.trouble = "end"
    await storm.log.write(flow.rest())
    await storm.settle()
    await storm.all_serve()


def report_of(storm: Storm, codes: list[int], made: Mapping[str, int]) -> dict[str, object]:
    """Return what was done to the workers, and how long partitions stood still."""
    longest: dict[str, float] = {}
    partitions: dict[int, float] = {}
    for gap in storm.watch.gaps.values():
        seconds = round(gap.seconds, 1)
        longest[gap.during] = max(seconds, longest.get(gap.during, 0.0))
        partitions[gap.partition] = max(seconds, partitions.get(gap.partition, 0.0))
    return {
        "troubles": dict(made),
        "kills": sum(strike.killed for strike in storm.strikes),
        "zombies": sum(not strike.killed for strike in storm.strikes),
        "takeovers": storm.takeovers,
        "workers that ended by themselves": storm.exits,
        "exit codes at SIGTERM": codes,
        "broker away (s)": storm.away,
        "longest gap in service by trouble (s)": longest,
        "longest gap in service by partition (s)": dict(sorted(partitions.items())),
    }


def ends_of(data: Path, partitions: int, state: str = STATE) -> list[End]:
    """Return the ends of the storm's transactions in a state, in the order of time."""
    found = [end for n in range(partitions) for end in ends(data, STORM + state, n)]
    return sorted(found)


def inside(strikes: Sequence[Strike], found: Sequence[End]) -> dict[str, object]:
    """Count the strikes after which, before the next, somebody's open transaction was ended."""
    fences = [end.at for end in found if end.fenced and not end.committed]
    last = found[-1].at + 1 if found else 0
    befores = [*(strike.at for strike in strikes), last][1:]  # of no strike none
    hits = Counter[bool]()
    for strike, before in zip(strikes, befores, strict=True):
        hits[strike.killed] += any(strike.at <= at < before for at in fences)
    return {"kills inside an open transaction": hits[True], "zombies inside one": hits[False]}


@asynccontextmanager
async def watched(log: Log, plan: Plan, aim: Aim) -> AsyncIterator[Watch]:
    """Watch the group, and keep the aim connected meanwhile."""
    watch = Watch(log, log.prefix + GROUP, plan.partitions)
    await aim.start()
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await aim.stop()


def _nobody() -> None:
    """Supervise nobody: a worker that ends undisturbed is a fault."""


async def _undisturbed(plan: Plan, broker: Kafka | Cluster, log: Log, sample: Path) -> Log:
    """Decide the same records once more, by one worker of the product that nobody disturbs."""
    against = replace(log, prefix=UNDISTURBED)
    await create_topics(against, plan.partitions, own_times=True)
    await copy(log, against)
    product = replace(plan, command=COMMAND)
    worker = _worker(product, broker, UNDISTURBED, sample, "worker")
    written = sum((await against.ends(["contact.events"])).values())
    aim = aim_at(against, plan.partitions, exactly_once=plan.exactly_once)
    async with watched(against, plan, aim) as watch:
        try:
            worker.start()
            await watch.until_served(written, plan.patience, _nobody)
            await asyncio.to_thread(worker.stop, STOP_SECONDS)
        finally:
            worker.kill()
    return against
