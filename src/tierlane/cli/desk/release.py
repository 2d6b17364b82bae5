"""`tierlane desk release`: contacts are taken back from whoever has them."""

from typing import Any, Final

import click

from tierlane.cli.desk.giving import HOW, Giving
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import RELEASED

EXAMPLES: Final = """\b
Examples:
  tierlane desk release k-1001 --reason "desktop of a-7 is broken"
  tierlane desk release k-1001 k-1002 --desk claims --reason "a-7 fell ill" --by m.li
"""

DESK: Final = click.option(
    "--desk", metavar="DESK", help="Where they are, if several desks are managed."
)


@click.command(epilog=EXAMPLES)
@click.argument("contacts", nargs=-1, required=True, metavar="CONTACT...")
@options((DESK,), HOW, WHERE)
def command(*, contacts: tuple[str, ...], desk: str | None, **how: Any) -> None:
    """Take contacts back from whoever they were offered to or who serves them.

    Each waits again with its age and place; who had it counts as having declined it. One that
    nobody has is left as it is, audited `no_effect`. Printed is where each order lies: topic,
    partition and offset.
    """
    targets = [{"contact_id": contact} for contact in contacts]
    Giving(**how).to_desk(desk, RELEASED, targets, "`{contact_id}` waits again at desk `{desk}`")
