"""`tierlane replay expected`: how good were the waits that desks expected?"""

from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument

if TYPE_CHECKING:
    from rich.table import Table

    from tierlane.replay.expectation import Expectation

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay expected january/
  tierlane replay expected --format json january/ > expected.json

"""
    + KINDS
)


@click.command(epilog=EXAMPLES)
@source_argument
@options(*BROKERS)
@FORMAT
def command(sources: tuple[str, ...], *, shape: str, **kafka: Any) -> int:
    """Say how good the waits were that contacts were told on entering a lane.

    By lane: how much later than expected contacts were taken on (bias), how far that was apart
    either way (error), and the share within 30 s or a quarter of what was expected (near); then by
    what was expected. Contacts that left or moved on before count in the table, and not in these.
    Ctrl-C ends the reading, and tells of what was read by then.
    """
    from tierlane.cli.replay.progress import counted
    from tierlane.errors import SourceError
    from tierlane.replay.expectation import as_dict, expectations
    from tierlane.replay.heeding import Heeding

    with counted("records read", None) as told:
        heeding = Heeding(told)
        source = heeding.source(open_sources(sources, **kafka))
        found = expectations(source)
    if not found:
        if not heeding.complete:
            raise KeyboardInterrupt
        raise SourceError(
            f"`{source.name}` says of no wait how long it was expected to be",
            hint="desks that keep a line tell of it in `routing.audit`",
        )
    if shape == "json":
        click.echo(orjson.dumps([as_dict(one) for one in found], option=orjson.OPT_INDENT_2))
    else:
        _print(found)
    return 0 if heeding.complete else INTERRUPTED


def _print(found: "tuple[Expectation, ...]") -> None:
    from rich.console import Console

    compared = _table("Expected waits", "compared", "bias", "error", "near")
    others = _table("Not compared", "entered", "not known", "left", "moved", "waiting")
    bands = _table("By what was expected: means", "up to", "contacts", "expected", "waited")
    for one in found:
        where = (one.desk, one.lane)
        near = "–" if one.near is None else f"{one.near:.0%}"
        compared.add_row(*where, f"{one.compared:,}", _signed(one.bias), _seconds(one.error), near)
        counts = (one.entered, one.unknown, one.left, one.moved, one.waiting)
        others.add_row(*where, *(f"{number:,}" for number in counts))
        for band in one.bands:
            means = (f"{band.contacts:,}", _seconds(band.expected), _seconds(band.waited))
            bands.add_row(*where, _up_to(band.up_to), *means)
    console = Console(highlight=False)
    for table in (compared, bands, others):
        console.print(table)


def _table(title: str, *heads: str) -> "Table":
    from rich.table import Table

    table = Table("desk", "lane", title=title, title_justify="left")
    for name in heads:
        table.add_column(name, justify="right")
    return table


def _up_to(bound: float) -> str:
    return "any" if bound == float("inf") else f"{bound:g} s"


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f} s"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{value:+.1f} s"
