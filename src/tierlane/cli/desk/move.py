"""`tierlane desk move`: contacts that wait go into another lane of their desk."""

from typing import Any, Final

import click

from tierlane.cli.desk.giving import HOW, Giving
from tierlane.cli.policy.release import WHERE, options
from tierlane.operator import MOVED

EXAMPLES: Final = """\b
Examples:
  tierlane desk move k-1001 --to express --reason "ambulance waits"
  tierlane desk move k-1001 k-1002 --to express --reason "bus party" --by m.li
"""

TO: Final = click.option("--to", "lane", required=True, metavar="LANE", help="Into which lane.")


@click.command(epilog=EXAMPLES)
@click.argument("contacts", nargs=-1, required=True, metavar="CONTACT...")
@options((TO,), HOW, WHERE)
def command(*, contacts: tuple[str, ...], lane: str, **how: Any) -> None:
    """Put contacts that wait into another lane of the desk they wait at.

    Age and promise stay, the step's time runs on, and anybody who serves that lane may take them. A
    lane that a floor, a compliance mark or the contact's identity forbids is refused by the desk,
    and so is a contact that does not wait there: audited `no_effect`. Printed is where each order
    lies: topic, partition and offset.
    """
    targets = [{"contact_id": contact, "lane": lane} for contact in contacts]
    Giving(**how).to_lanes(MOVED, targets, "`{contact_id}` goes to `{lane}` at desk `{desk}`")
