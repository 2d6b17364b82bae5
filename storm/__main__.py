"""`python -m storm`: a storm in large, and its report on stdout as JSON.

Exit codes: 0 nothing lost, nothing twice, all laws hold; 1 a law is broken or too few kills fell
inside a transaction; 2 wrong use, or the workers stood still.
"""

import argparse
import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from storm.desk.run import run as run_at_desks
from storm.faulty import FAULTS
from storm.run import Plan, run
from storm.watch import Stuck
from tests.broker.kafka import unavailable

GAP_SECONDS: Final = 15.0
FAULTY_PATIENCE: Final = 20.0
"""Seconds without progress that are waited for where workers have a fault put in."""


def main() -> int:
    """Run a storm, write its report to stdout and `report.json`."""
    parser = argparse.ArgumentParser(prog="storm", description="kill workers again and again")
    parser.add_argument("--desk", action="store_true", help="at managed desks")
    parser.add_argument("--contacts", type=int, help="1,000,000, or 6,000 at desks")
    parser.add_argument("--kills", type=int, help="100, or 30 at desks")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--brokers", type=int, choices=(1, 3), default=1, help="lost in turn if 3")
    parser.add_argument("--at-least-once", action="store_true")
    parser.add_argument(
        "--fault", choices=FAULTS, help="put a fault into the workers, which must be found"
    )
    parser.add_argument(
        "--record", type=Path, metavar="DIR", help="record it there and verify; at desks always"
    )
    parser.add_argument("--out", type=Path, default=Path("storm-output"))
    options = parser.parse_args()
    if options.workers < 2:
        parser.error("a storm needs two workers at least: one is killed, another takes over")
    if options.desk and options.brokers > 1:
        parser.error("at desks the storm runs on one broker")
    if options.record is not None and options.at_least_once:
        parser.error("--record is for exactly-once")
    if reason := unavailable():
        print(f"the storm needs real Apache Kafka: {reason}", file=sys.stderr)
        return 2
    plan = Plan(
        contacts=options.contacts or (6_000 if options.desk else 1_000_000),
        kills=options.kills or (30 if options.desk else 100),
        seed=options.seed,
        folder=options.out.absolute(),
        partitions=options.partitions,
        workers=options.workers,
        brokers=options.brokers,
        guarantee="at-least-once" if options.at_least_once else "exactly-once",
        record=options.record and options.record.absolute(),
    )
    if options.at_least_once and options.desk:
        plan = replace(plan, compare=False)  # what was written again is no other run's record
    if options.fault:
        command = (sys.executable, str(Path(__file__).with_name("faulty.py")), options.fault)
        plan = replace(plan, command=command, compare=False, patience=FAULTY_PATIENCE)
    # Told to stop, it ends its workers and its broker as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        report = asyncio.run(_run(plan, run_at_desks if options.desk else run))
    except asyncio.CancelledError:
        print("ended by a signal; nothing was judged", file=sys.stderr)
        return 2
    except Stuck as error:
        print(f"{error}; the workers' logs lie in `{plan.folder}`", file=sys.stderr)
        return 2
    text = json.dumps(report, indent=2)
    (plan.folder / "report.json").write_text(text + "\n")
    print(text)
    return 1 if failures(report) else 0


async def _run(plan: Plan, storm: Callable[[Plan], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    """Run the storm; SIGTERM ends it as Ctrl-C does, so that no worker or broker is left."""
    task = asyncio.current_task()
    assert task is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await storm(plan)


def failures(report: dict[str, Any]) -> list[str]:
    """Return what a storm's report must not show, in words; empty when all is well."""
    found = [f"{law}: {number}" for law, number in report["faults"].items()]
    if "stuck" in report:
        found.append(f"stuck: {report['stuck']}")
    replay = report.get("replay", {"differences": 0})
    if replay.get("differences") != 0:
        found.append(f"replay: {replay}")
    if any(report["exit codes at SIGTERM"]):
        found.append(f"exit codes at SIGTERM: {report['exit codes at SIGTERM']}")
    if report["guarantee"] == "exactly-once":
        inside, kills = report["kills inside an open transaction"], report["kills"]
        if inside * 2 < kills:
            found.append(f"only {inside} of {kills} kills fell inside an open transaction")
    gaps = report["longest gap in service by trouble (s)"]
    found += [f"{name}: {s} s without service" for name, s in gaps.items() if s > GAP_SECONDS]
    return found


if __name__ == "__main__":
    sys.exit(main())
