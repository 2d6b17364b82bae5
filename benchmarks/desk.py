"""`python -m benchmarks.desk`: what the pure desk costs, and whether a long line makes it dearer.

2,000 advisors with 50 skills and 100, 10,000 and 100,000 waiting, all in one process, without
Kafka. Timed is the processor's time inside the calls of the desk, timers included; what its people
do next is drawn outside. Exits 1 when a goal is missed.
"""

import gc
import json
import sys
import time
import tracemalloc
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, TypeVar

from benchmarks import care
from benchmarks.figure import Goal, significant
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Event, Finished
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.stream.worker import GARBAGE

Made = TypeVar("Made")
OUT = Path(__file__).parent / "results" / "desk.json"
LINES = (100, 10_000, 100_000)
EVENTS = 30_000
"""Timed per line, after as many that are not."""
WEIGHED = 20_000
"""Contacts whose memory is measured."""
LEAST_RATE = 20_000
MOST_RATIO = 3
MOST_RESTART = 10


@dataclass(slots=True)
class Clock:
    """The processor's time inside a desk, by what happened."""

    desk: ManagedDesk
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    times: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    calls: int = 0

    def tell(self, now: int, event: Event) -> list[Change]:
        """Let an event happen, after what is due before it."""
        changes = []
        while (moment := self.desk.next_deadline()) is not None and moment < now:
            changes += self.time("timer", self.desk.on_deadline, moment)
        self.calls += 1
        kind = type(event).__name__
        cause = f"d1.ae3.{self.calls}"
        return changes + self.time(kind, self.desk.on_events, now, [event], cause)

    def time(self, kind: str, work: Callable[..., Made], *about: Any) -> Made:
        """Return what a call returned, and keep its time."""
        begun = time.process_time()
        done = work(*about)
        self.spent[kind] += time.process_time() - begun
        self.times[kind] += 1
        self.desk.state.trace.clear()  # as its owner does, having written what it names
        return done


def main() -> int:
    """Measure, print, write JSON."""
    policy = care.revision()
    gc.set_threshold(*GARBAGE)  # as the worker sets it
    lines = [_line(policy, waiting) for waiting in LINES]
    idle = _idle(policy)
    rushes = _all_at_once(policy, LINES[-1])
    goals = [Goal(f"events/s, {one['name']}", one["rate"], LEAST_RATE) for one in lines]
    ratio = lines[-1]["us"] / lines[0]["us"]
    goals.append(Goal("cost at 100,000 / at 100", ratio, MOST_RATIO, at_most=True))
    restart = lines[-1]["restore_s"]
    goals.append(Goal("restart of 100,000 waiting, s", restart, MOST_RESTART, at_most=True))
    found = {
        "advisors": care.ADVISORS,
        "skills": care.SKILLS,
        "rows": [*lines, idle],
        "rushes": rushes,
        "bytes": _bytes(policy),
        "goals": [one.json() for one in goals],
    }
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    for goal in goals:
        print(f"{goal.name}: {goal.got:.2f} ({goal.json()['limit']})")
    return 0 if all(goal.met for goal in goals) else 1


def build(policy: Revision, waiting: int, pace: int = care.PACE) -> tuple[Clock, care.Day]:
    """Return a desk with so many waiting and nobody there yet."""
    customers = care.Customers(policy, Random(5))
    day, clock = care.Day(customers, waiting, pace), Clock(ManagedDesk("care", policy))
    now = care.START
    for _ in range(waiting):
        now += pace
        clock.tell(now, day.come(now))
    return clock, day


def sign_on(clock: Clock, day: care.Day, policy: Revision, now: int) -> None:
    """Let all advisors begin at one moment, one after the other."""
    for one in care.advisors(policy, Random(7)):
        day.follow(clock.tell(now, one))


def _line(policy: Revision, waiting: int, events: int = EVENTS) -> dict[str, Any]:
    clock, day = build(policy, waiting)
    now = care.START + (waiting + 1) * care.PACE
    sign_on(clock, day, policy, now)
    day.coming(now)
    row = _steady(clock, day, f"{waiting:,} waiting", events)
    begun = time.process_time()
    snapshot = clock.desk.snapshot()
    row["snapshot_s"] = significant(time.process_time() - begun)
    gc.collect()
    begun = time.process_time()
    ManagedDesk.restore(snapshot, {policy.hash: policy})
    row["restore_s"] = significant(time.process_time() - begun)
    return row


def _idle(policy: Revision, events: int = EVENTS) -> dict[str, Any]:
    """Half of the advisors have something to do, and nobody waits."""
    clock, day = build(policy, 0, 2 * care.PACE)
    sign_on(clock, day, policy, care.START)
    day.coming(care.START)
    return _steady(clock, day, "half of them idle", events)


def _steady(clock: Clock, day: care.Day, name: str, events: int) -> dict[str, Any]:
    for _ in range(events):
        day.follow(clock.tell(*day.next()))
    clock.spent.clear()
    clock.times.clear()
    gc.collect()
    for _ in range(events):
        day.follow(clock.tell(*day.next()))
    us = sum(clock.spent.values()) / events * 1e6
    waits = sum(one.waits() for one in clock.desk.state.contacts.values())
    print(f"{name}: {us:.1f} µs an event, {1e6 / us:,.0f} events/s, {waits} wait", file=sys.stderr)
    kinds = {
        kind: {"count": times, "us": significant(clock.spent[kind] / times * 1e6)}
        for kind, times in clock.times.items()
    }
    return {"name": name, "us": significant(us), "rate": significant(1e6 / us), "kinds": kinds}


def _all_at_once(policy: Revision, waiting: int) -> list[dict[str, Any]]:
    """All sign on together while many wait; then all finish together."""
    clock, day = build(policy, waiting)
    now = care.START + (waiting + 1) * care.PACE
    rows = []
    told = care.advisors(policy, Random(7))
    rows.append(_rush(clock, day, "sign on", now, list(told)))
    day.coming(now)
    for _ in range(5 * care.ADVISORS):
        now, event = day.next()
        day.follow(clock.tell(now, event))
    held = clock.desk.state.seats.values()
    ends: list[Event] = [Finished(seat.id, one) for seat in held for one in list(seat.held)]
    rows.append(_rush(clock, day, "finish", now, ends))
    return rows


def _rush(clock: Clock, day: care.Day, name: str, now: int, events: list[Event]) -> dict[str, Any]:
    clock.spent.clear()
    made = clock.time(name, clock.desk.on_events, now, events, f"d1.ae3.{name}")
    day.follow(made)
    offered = sum(one.kind == "offered" for one in made)
    spent = clock.spent[name]
    print(f"{len(events)} {name}: {spent:.2f} s, {offered} offers", file=sys.stderr)
    return {"name": name, "events": len(events), "offers": offered, "s": significant(spent)}


def _bytes(policy: Revision) -> int:
    """Return the memory of one waiting contact, its itinerary and timers included."""
    build(policy, WEIGHED // 10)  # what is remembered of contacts alike is not a contact's own
    gc.collect()
    tracemalloc.start()
    kept = build(policy, WEIGHED)
    gc.collect()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    own = sum(map(sys.getsizeof, (kept[1].line, kept[1].place)))
    return (size - own) // WEIGHED


if __name__ == "__main__":
    sys.exit(main())
