"""`tierlane desk close`: a lane takes nobody new."""

import time
from typing import Any, Final

import click

from tierlane.cli.desk.giving import HOW, Giving, moment
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import CLOSED

EXAMPLES: Final = """\b
Examples:
  tierlane desk close claims --until 2h --reason "claims system is down"
  tierlane desk close claims express --until 2026-03-02T18:00:00+08:00 --reason drill --by m.li
  tierlane desk close claims --reason test --policy policy.yaml --dry-run
"""

UNTIL: Final = click.option(
    "--until",
    metavar="TIME",
    help="When it opens by itself: 2h, or a time with an offset. Else when it is opened by order.",
)


@click.command(epilog=EXAMPLES)
@click.argument("lanes", nargs=-1, required=True, metavar="LANE...")
@options((UNTIL,), HOW, WHERE)
def command(*, lanes: tuple[str, ...], until: str | None, **how: Any) -> None:
    """Let nobody new into lanes until a time, or until they are opened by order.

    Who waits in a closed lane is served. A contact that would enter it goes where the lane's
    `closed` says: to its next step, to another plan, or it waits. Printed is where each order lies:
    topic, partition and offset.
    """
    ends = moment(until, time.time_ns() // 1_000_000)
    targets = [{"lane": lane, "until": ends} for lane in lanes]
    done = "`{lane}` at desk `{desk}` is closed " + (f"until {ends}" if ends else "until opened")
    Giving(**how).to_lanes(CLOSED, targets, done)
