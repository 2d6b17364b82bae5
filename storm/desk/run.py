"""A storm at managed desks from beginning to end: broker, topics, workers, advisors, troubles."""

import asyncio
import logging
import os
import signal
import sys
import time
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

import orjson

from storm.aim import DESK_STATE, aim_at
from storm.desk.flow import DeskFlow
from storm.desk.law import DeskLedger, table
from storm.desk.record import INPUTS, OVER, TOPICS, Bounds
from storm.law import AUDIT
from storm.replayed import record, verified
from storm.run import (
    BATCH_RECORDS,
    FIRST_SHARE,
    STOP_SECONDS,
    STORM,
    Plan,
    ends_of,
    handed_on,
    inside,
    make_trouble,
    report_of,
    watched,
)
from storm.trouble import Storm, Strike, Trouble, name_of, portions
from storm.watch import Stuck
from tests.broker.kafka import Kafka
from tests.broker.log import Log
from tests.topics import create_topics
from tests.worker import Worker

POLICY: Final = Path(__file__).with_name("policy.yaml")
BOUNDS: Final = Bounds(
    at_once=1,
    units=100,
    costs={"voice": 100, "chat": 50},
    silence=3_000,
    ends={"keeper": (5_000,), "far": (3_000, 8_000), "near": (4_000,), "everybody": (4_000,)},
    again=1_000,
    wrap_up={"voice": 300},
)
"""What `policy.yaml` says."""
ADVISORS: Final = 28
"""At least; more where more contacts come between two strikes."""
PACE: Final = 10
"""Contacts between two strikes for each advisor: a strike takes some ten seconds, in which an
advisor serves about as many."""
LOOK_SECONDS: Final = 1.0
ROUND: Final = (
    Storm.kill_back_at_once,
    Storm.kill_taken_over,
    Storm.zombie,
    Storm.kill_recovering,
    Storm.kill_back_at_once,
    Storm.kill_rebalancing,
)
"""Seven kills and a zombie."""


def troubles(kills: int, random: Random) -> list[Trouble]:
    """Return troubles of about so many kills, shuffled; where they are many, of the broker, too."""
    chosen: list[Trouble] = [
        ROUND[number % len(ROUND)] for number in range(max(1, kills * len(ROUND) // 7))
    ]
    random.shuffle(chosen)
    if len(chosen) > len(ROUND):
        third = len(chosen) // 3
        chosen[third:third] = [Storm.broker_restart]
        chosen[-third:-third] = [Storm.broker_kill]
    return chosen


async def run(plan: Plan) -> dict[str, object]:
    """Run a storm at desks and judge it; return the report."""
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker's absence is no news
    begun = time.monotonic()
    with Kafka.temporary() as broker:
        log = Log(broker.address, STORM)
        await create_topics(log, plan.partitions)
        told, strikes = await _storm(plan, broker, log)
        plan.say("the troubles are over; reading what they left")
        ledger = await judged(log, repeats=not plan.exactly_once)
        recording = plan.record or plan.folder / "record"
        if plan.compare:
            await asyncio.to_thread(record, recording, broker.address, STORM)
        found = ends_of(broker.folder / "data", plan.partitions, DESK_STATE)
    again: dict[str, object] = {}
    if plan.compare:
        again["replay"] = await asyncio.to_thread(verified, recording, POLICY)
    return {
        "seed": plan.seed,
        "guarantee": plan.guarantee,
        "partitions": plan.partitions,
        "workers": plan.workers,
        "seconds": round(time.monotonic() - begun),
        **told,
        **inside(strikes, found),
        "transactions committed": sum(end.committed for end in found),
        "transactions aborted": sum(not end.committed for end in found),
        **again,
        **table(ledger),
    }


async def judged(log: Log, bounds: Bounds = BOUNDS, *, repeats: bool = False) -> DeskLedger:
    """Read all that lies on the prefix's topics now, and judge it."""
    ends = await log.ends(TOPICS)
    ledger = DeskLedger(Counter(topic for topic, _ in ends), bounds, repeats=repeats)
    async for one in log.read(TOPICS):
        ledger.take(one)
    ledger.judged()
    return ledger


async def _storm(plan: Plan, broker: Kafka, log: Log) -> tuple[dict[str, object], list[Strike]]:
    random = Random(plan.seed)
    chosen = plan.troubles or troubles(plan.kills, random)
    flow = DeskFlow(plan.contacts, plan.seed, datetime.now(UTC).isoformat())
    workers = tuple(_worker(plan, broker, f"worker-{n}") for n in range(1, plan.workers + 1))
    first = int(plan.contacts * FIRST_SHARE)
    aim = aim_at(log, plan.partitions, exactly_once=plan.exactly_once, state=DESK_STATE)
    portion = max(1, (plan.contacts - first) // portions(chosen))
    advisors = max(ADVISORS, portion // PACE)
    async with watched(log, plan, aim) as watch, _advisors(plan, log, advisors) as crew:
        storm = Storm(
            broker, log, workers, flow, watch, aim, random, portion=portion,
            patience=plan.patience, kind="desk",
        )  # fmt: skip
        stuck, codes = "", [0] * plan.workers
        try:
            for worker in workers:
                worker.start()
            await make_trouble(plan, storm, chosen, first)
            crew.send_signal(signal.SIGUSR1)
            await _all_over(log, plan)
            await _go_home(crew)
            await handed_on(log, plan.patience, INPUTS)
            codes = [await asyncio.to_thread(worker.stop, STOP_SECONDS) for worker in workers]
        except Stuck as error:
            stuck = str(error)  # what was written up to here still tells what went wrong
        finally:
            for worker in workers:
                worker.kill()
    told = report_of(storm, codes, Counter(map(name_of, chosen)))
    told["advisors"] = advisors
    return {**told, **({"stuck": stuck} if stuck else {})}, storm.strikes


async def _all_over(log: Log, plan: Plan) -> None:
    """Return once every contact is over; `Stuck` where for long none more is."""
    over, before, since = set[str](), -1, time.monotonic()
    async with log.reader() as reader:
        while len(over) < plan.contacts:
            async for one in reader.further([AUDIT]):
                data = orjson.loads(one.value or b"")["data"]
                if data["kind"] in OVER and data["owner"].startswith("desk-"):
                    over.add(data["contact_id"])
            if len(over) != before:
                before, since = len(over), time.monotonic()
            if time.monotonic() - since > plan.patience:
                raise Stuck(f"{len(over)} of {plan.contacts} contacts are over")
            await asyncio.sleep(LOOK_SECONDS)


@asynccontextmanager
async def _advisors(plan: Plan, log: Log, number: int) -> AsyncIterator[Process]:
    """Let advisors answer from a process of their own; at the end they go home."""
    command = [
        sys.executable, "-m", "storm.desk.crew", "--brokers", log.address, "--prefix", log.prefix,
        "--seed", str(plan.seed), "--advisors", str(number),
    ]  # fmt: skip
    clean = {name: value for name, value in os.environ.items() if not name.startswith("TIERLANE_")}
    with (plan.folder / "crew.log").open("wb") as output:
        crew = await asyncio.create_subprocess_exec(
            *command, cwd=Path(__file__).parents[2], env=clean, stdout=output, stderr=output
        )
    try:
        yield crew
    finally:
        await _go_home(crew)


async def _go_home(crew: Process) -> None:
    """Let all advisors sign off, and their process end."""
    if crew.returncode is None:
        crew.terminate()
        try:
            await asyncio.wait_for(crew.wait(), STOP_SECONDS)
        except TimeoutError:
            crew.kill()
            await crew.wait()


def _worker(plan: Plan, broker: Kafka, name: str) -> Worker:
    settings = {
        "TIERLANE_BROKERS": broker.address,
        "TIERLANE_PREFIX": STORM,
        "TIERLANE_GUARANTEE": plan.guarantee,
        "TIERLANE_BATCH_RECORDS": BATCH_RECORDS,
        "TIERLANE_WEB_PORT": "0",
        **plan.settings,
    }
    return Worker(
        plan.folder,
        ["--policy", str(POLICY)],
        name=name,
        environment=settings,
        command=plan.command,
    )
