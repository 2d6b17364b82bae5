"""`tierlane policy rollback`: back to an earlier revision, or no shadow any more."""

import asyncio
from typing import TYPE_CHECKING, Any, Final

import click

from tierlane.cli.policy.release import NAME, releasing, tell, told_error
from tierlane.errors import UsageError
from tierlane.policy.form.finding import PolicyError
from tierlane.stream.settings import Settings

if TYPE_CHECKING:
    from tierlane.stream.release import Order

EXAMPLES: Final = """\b
Examples:
  tierlane policy rollback --reason "gold waited longer"
  tierlane policy rollback --to 4be1c0d29a715f38
  tierlane policy rollback --shadow                        end the shadow
"""


@click.command(epilog=EXAMPLES)
@NAME
@click.option("--to", metavar="REVISION", help="Which one; else the one that was live before.")
@click.option("--shadow", is_flag=True, help="Ask the shadow no longer; the live one stays.")
@releasing
def command(
    *, name: str, to: str | None, shadow: bool, order: "Order", settings: Settings, form: str
) -> Any:
    """Make an earlier revision live again.

    It is examined as when it was published, and takes effect as a publication does: contacts that
    wait keep their place, or are decided again. What was let pass then is let pass again.
    """
    from tierlane.stream.release import end_shadow, roll_back

    if shadow and to:
        raise UsageError("--shadow and --to exclude each other")
    if shadow:
        done = asyncio.run(end_shadow(settings, name, order))
        return tell(done, form, "no shadow any more")
    try:
        done = asyncio.run(roll_back(settings, name, to or "", order))
    except PolicyError as error:
        return told_error(error.findings, form)
    return tell(done, form, "live again")
