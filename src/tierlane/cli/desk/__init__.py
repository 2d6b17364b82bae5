"""`tierlane desk`: one file per order of an operator, imported only when it is given."""

from typing import Final

import click

from tierlane.cli.lazy import Entry, LazyCommands

ENTRIES: Final = {
    "close": Entry("tierlane.cli.desk.close", "Let nobody new into a lane, for a time."),
    "open": Entry("tierlane.cli.desk.open", "Open a lane that was closed by order."),
    "move": Entry("tierlane.cli.desk.move", "Put contacts that wait into another lane."),
    "release": Entry("tierlane.cli.desk.release", "Take contacts back from their advisor."),
    "halt": Entry("tierlane.cli.desk.halt", "Let a desk offer nothing for a while."),
    "resume": Entry("tierlane.cli.desk.resume", "Let a halted desk make offers again."),
}

EXAMPLES: Final = """\b
Examples:
  tierlane desk close claims --until 2h --reason "claims system is down"
  tierlane desk open claims --reason "it is back"
  tierlane desk move k-1001 --to express --reason "ambulance waits"
  tierlane desk release k-1001 --reason "desktop of a-7 is broken"
  tierlane desk halt --reason "the floor is cleared"
"""


@click.group(cls=LazyCommands, entries=ENTRIES, epilog=EXAMPLES)
def command() -> None:
    """Order a managed desk to do what its policy would not.

    An order is an event on advisor.events. The desk does it when it reads it, or audits why it has
    no effect; either way the audit keeps the reason, and a replay does the same again.
    """
