"""`tierlane policy publish`: a policy becomes live, or is asked beside the live one."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from tierlane.cli.policy.release import releasing, tell, told_error
from tierlane.policy.form.finding import PolicyError
from tierlane.stream.settings import Settings

if TYPE_CHECKING:
    from tierlane.stream.release import Order

EXAMPLES: Final = """\b
Examples:
  tierlane policy publish policy.yaml --brokers kafka:9092
  tierlane policy publish policy.yaml --cases more-cases.yaml
  tierlane policy publish policy.yaml --shadow            ask it beside the live one
  tierlane policy publish policy.yaml --in-flight reroute  contacts that wait, too
  tierlane policy publish policy.yaml --allow mark_not_kept --reason "recorder comes on Monday"
"""


@click.command(epilog=EXAMPLES)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--cases",
    multiple=True,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Run the cases in this file, too; may be given several times.",
)
@click.option("--shadow", is_flag=True, help="Ask it beside the live one, without any effect.")
@releasing
def command(
    *,
    file: Path,
    cases: tuple[Path, ...],
    shadow: bool,
    order: "Order",
    settings: Settings,
    form: str,
) -> Any:
    """Put a revision on policy.revisions, where workers take it up between two batches.

    It is checked first, and its cases are run: with an error or a failed case nothing is written
    and the exit code is 1. An error that would not keep workers from using the policy can be let
    pass by its code, with a reason; a failed case cannot. Contacts that wait keep their place, or
    are decided again for the moment of their arrival.
    """
    from tierlane.stream.release import publish

    try:
        done = asyncio.run(publish(settings, file, order._replace(shadow=shadow), cases))
    except PolicyError as error:
        return told_error(error.findings, form)
    return tell(done, form, "asked beside the live one" if shadow else "published")
