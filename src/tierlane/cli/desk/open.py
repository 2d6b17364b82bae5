"""`tierlane desk open`: a lane that was closed by order takes contacts again."""

from typing import Any, Final

import click

from tierlane.cli.desk.giving import HOW, Giving
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import OPENED

EXAMPLES: Final = """\b
Examples:
  tierlane desk open claims --reason "it is back"
  tierlane desk open claims express --reason "drill is over" --by m.li
"""


@click.command(epilog=EXAMPLES)
@click.argument("lanes", nargs=-1, required=True, metavar="LANE...")
@options(HOW, WHERE)
def command(*, lanes: tuple[str, ...], **how: Any) -> None:
    """Open lanes that were closed by order.

    One that its desk's calendar closes stays closed. Printed is where each order lies: topic,
    partition and offset.
    """
    done = "`{lane}` at desk `{desk}` is open"
    Giving(**how).to_lanes(OPENED, [{"lane": lane} for lane in lanes], done)
