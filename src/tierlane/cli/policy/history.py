"""`tierlane policy history`: what was published, when and why."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson
from rich.console import Console
from rich.table import Table

from tierlane.cli.policy.release import NAME, WHERE, options, settings_of

if TYPE_CHECKING:
    from tierlane.policy.publish.publication import Live

EXAMPLES: Final = """\b
Examples:
  tierlane policy history --brokers kafka:9092
  tierlane policy history --format json
"""

PIPED: Final = 1_000
"""Columns where no terminal limits them: a reason is not to be broken."""


@click.command(epilog=EXAMPLES)
@NAME
@options(WHERE)
def command(
    *, name: str, form: str, brokers: str | None, prefix: str | None, config: Path | None
) -> None:
    """List the latest changes of a policy, oldest first, and which revisions hold now."""
    from tierlane.stream.release import history

    live = asyncio.run(history(settings_of(brokers, prefix, config), name)).live
    if form == "json":
        click.echo(orjson.dumps(live, option=orjson.OPT_INDENT_2))
        return
    _show(live)
    shadow = f", shadow {live['shadow']}" if live["shadow"] else ""
    click.echo(f"{live['policy']}: live {live['live'] or 'none'}{shadow}", err=True)


def _show(live: "Live") -> None:
    table = Table(box=None, pad_edge=False)
    for title in ("no.", "when", "what", "revision", "in flight", "allowed", "reason", "by"):
        side: Any = "right" if title == "no." else "left"
        table.add_column(title, justify=side, overflow="fold")
    for one in live["history"]:
        marks = {live["live"]: "live", live["shadow"]: "shadow"}
        mark = marks.get(one["revision"], "")
        made = one["action"] in ("published", "rolled_back")
        table.add_row(
            str(one["number"]),
            one["at"],
            one["action"].replace("_", " "),
            f"{one['revision']} {mark}".rstrip(),
            one["in_flight"] if made else "",
            ", ".join(one["allowed"]),
            one["reason"] or "",
            one["by"] or "",
        )
    console = Console()
    if not console.is_terminal:
        console.width = PIPED
    console.print(table)
