"""`tierlane desk resume`: a desk that was halted makes its offers again."""

from typing import Any, Final

import click

from tierlane.cli.desk.giving import DESK, HOW, Giving
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import RESUMED

EXAMPLES: Final = """\b
Examples:
  tierlane desk resume --reason "all are back"
  tierlane desk resume --desk claims --reason "desktops are renewed" --by m.li
"""


@click.command(epilog=EXAMPLES)
@options((DESK,), HOW, WHERE)
def command(*, desk: str | None, **how: Any) -> None:
    """Let a desk that was halted make its offers again, all that can be made at once.

    Printed is where the order lies: topic, partition and offset.
    """
    Giving(**how).to_desk(desk, RESUMED, [{}], "desk `{desk}` makes offers again")
