"""The advisors of a storm: a process of their own, which nobody kills.

    python -m storm.desk.crew --brokers HOST:PORT --prefix P --seed N --advisors N

They accept, decline, say nothing and vanish, by lot; some come back at another desk, be it too
early. SIGUSR1 makes them accept everything from now
on; SIGTERM sends them home, and the process ends with 0.
"""

import argparse
import asyncio
import logging
import signal
import sys
import time
from contextlib import suppress
from dataclasses import replace
from typing import Final

from tierlane.sample.crew import Crew, Member, Temper
from tierlane.stream.answering import answer
from tierlane.stream.settings import load

DESKS: Final = ("hall", "foyer", "hall", "vault", "attic")
WILD: Final = Temper(
    accept=0.82,
    decline=0.08,
    silence=0.05,
    vanish=0.05,
    reaction=(20, 300),
    service=(100, 700),
    away=(2_000, 6_000),
    heartbeat=700,
)
GOING: Final = 2.0
"""Seconds in which what was said last is sent."""


def members(number: int) -> list[Member]:
    """Return so many advisors; every fourth of them comes back at another desk."""
    return [
        Member(
            f"a-{n}",
            DESKS[n % len(DESKS)],
            begins=n * 20,
            also=() if n % 4 else (DESKS[(n + 1) % len(DESKS)],),
        )
        for n in range(number)
    ]


async def main() -> int:
    """Answer until told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--advisors", type=int, default=24)
    options = parser.parse_args()
    crew = Crew(members(options.advisors), WILD, options.seed)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGUSR1, lambda: _calm(crew))
    crew.begin(_now())
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # a broker's absence is no news
    settings = load({"brokers": options.brokers, "prefix": options.prefix})
    answering = asyncio.create_task(answer(settings, crew))
    told = asyncio.create_task(stop.wait())
    await asyncio.wait([answering, told], return_when=asyncio.FIRST_COMPLETED)
    if answering.done():
        answering.result()
    crew.go_home(_now())
    await asyncio.sleep(GOING)
    answering.cancel()
    with suppress(asyncio.CancelledError):
        await answering
    print(f"{len(crew.vanished)} vanished")
    return 0


def _calm(crew: Crew) -> None:
    crew.temper = replace(WILD, accept=1.0, decline=0.0, silence=0.0, vanish=0.0)


def _now() -> int:
    return time.time_ns() // 1_000_000


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
