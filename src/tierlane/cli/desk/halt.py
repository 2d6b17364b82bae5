"""`tierlane desk halt`: a desk offers nothing until it is resumed."""

from typing import Any, Final

import click

from tierlane.cli.desk.giving import DESK, HOW, Giving
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import HALTED

EXAMPLES: Final = """\b
Examples:
  tierlane desk halt --reason "the floor is cleared"
  tierlane desk halt --desk claims --reason "desktops are renewed" --by m.li
"""


@click.command(epilog=EXAMPLES)
@options((DESK,), HOW, WHERE)
def command(*, desk: str | None, **how: Any) -> None:
    """Let a desk offer nothing until it is resumed.

    Contacts come, wait and go on in their plans as ever, offers that were made are answered, and
    who is served is served on. Printed is where the order lies: topic, partition and offset.
    """
    Giving(**how).to_desk(desk, HALTED, [{}], "desk `{desk}` offers nothing until it is resumed")
