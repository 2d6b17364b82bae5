"""`tierlane replay discover`: which order explains best who was taken next?"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import orjson

from tierlane.cli import INTERRUPTED
from tierlane.cli.policy.file import FORMAT
from tierlane.cli.replay.paged import LANGUAGE, PAGE, write_page
from tierlane.cli.replay.source import BROKERS, KINDS, open_sources, options, source_argument
from tierlane.errors import SourceError, UsageError
from tierlane.replay.extra import extra

if TYPE_CHECKING:
    from tierlane.replay.discovery.discovery import Discovery
    from tierlane.replay.discovery.order import Order
    from tierlane.replay.discovery.wait import Wait
    from tierlane.replay.heeding import Heeding

EXAMPLES: Final = (
    """\b
Examples:
  tierlane replay discover january/
  tierlane replay discover waits:calls.csv --page order.html
  tierlane replay discover anonbank:jan.csv.gz anonbank:feb.csv.gz --leave-out IN

\b
`waits:FILE` is a log of any router: CSV, JSON lines or Parquet with the columns contact, since,
until, and priority, kind, taken_by, taken, promised where they are known.

"""
    + KINDS
)

WAITS: Final = "waits"
BARS: Final = "▁▂▃▄▅▆▇█"
SWEPT: Final = 30
"""Seconds of credit from one bar of the terminal to the next."""


@click.command(epilog=EXAMPLES)
@source_argument
@click.option(
    "--leave-out", "left_out", multiple=True, metavar="KIND",
    help="Contacts of this kind (type, lane) do not count; several by several.",
)  # fmt: skip
@click.option(
    "--share", type=click.FloatRange(0, 1), default=0.02, show_default=True,
    help="An advisor serves a kind if more than this share of theirs is of it.",
)  # fmt: skip
@click.option("--seed", type=int, default=1, show_default=True, help="Of the intervals.")
@click.option(
    "--plot", type=click.Path(dir_okay=False, path_type=Path), help="Draw the sweep here, as SVG."
)
@PAGE
@LANGUAGE
@options(*BROKERS)
@FORMAT
def command(
    sources: tuple[str, ...],
    *,
    left_out: tuple[str, ...],
    share: float,
    seed: int,
    plot: Path | None,
    page: Path | None,
    language: str,
    shape: str,
    **kafka: Any,
) -> int:
    """Say which order explains a log best: FIFO, credit, strict priority, ageing, promised time.

    Wherever an advisor took a contact while others of another priority waited, each order names
    the one it would have taken. Agreement is the share of these choices at which that was the one.
    Ctrl-C ends the reading, and tells what the log says by then.
    """
    extra("numpy", "this needs")
    from tierlane.cli.replay.progress import counted
    from tierlane.replay.discovery.plot import plot as draw
    from tierlane.replay.heeding import Heeding

    with counted("read", None) as told:
        heeding = Heeding(told)
        waits = [one for one in _waits(sources, kafka, heeding) if one.kind not in left_out]
    found = _discovery(waits, seed, share, complete=heeding.complete)
    if plot is not None:
        plot.write_text(draw(found), encoding="utf-8")
        click.echo(f"wrote {plot}", err=True)
    write_page(page, "discovery", found.json(), language)
    _tell(found, shape, language)
    if not heeding.complete:
        click.echo(f"stopped: {len(waits):,} waits were read by then, and count", err=True)
        return INTERRUPTED
    return 0


def _tell(found: "Discovery", shape: str, language: str) -> None:
    if shape == "json":
        click.echo(orjson.dumps(found.json(), option=orjson.OPT_INDENT_2))
    elif language == "en":
        _print(found)
    else:
        from tierlane.page.report.sheet import answered

        for line in answered(found.json(), language):
            click.echo(line)


def _discovery(waits: "list[Wait]", seed: int, share: float, *, complete: bool) -> "Discovery":
    from tierlane.replay.discovery.discovery import discover

    try:
        return replace(discover(waits, seed=seed, share=share), complete=complete)
    except SourceError:
        if complete:
            raise
        raise KeyboardInterrupt from None  # what would tell it may be in what was not read


def _waits(words: Sequence[str], kafka: dict[str, Any], heeding: "Heeding") -> "Iterable[Wait]":
    from tierlane.replay.discovery.log import read_waits
    from tierlane.replay.discovery.recorded import recorded_waits

    kinds = {word.partition(":")[0] if ":" in word else "" for word in words}
    if kinds & {WAITS, "anonbank"}:
        if len(kinds) > 1:
            raise UsageError("a log of waits is read alone", hint="name its files only")
        paths = [Path(word.partition(":")[2]) for word in words]
        for path in paths:
            if not path.is_file():
                raise SourceError(f"there is no file `{path}`")
        if kinds == {WAITS}:
            return heeding.items(one for path in paths for one in read_waits(path))
        return _bank(paths, heeding)
    return recorded_waits(heeding.source(open_sources(words, **kafka)))


def _bank(paths: Sequence[Path], heeding: "Heeding") -> "Iterable[Wait]":
    from tierlane.replay.source.anonbank import Row, read
    from tierlane.replay.source.anonbank.queue import waits

    rows = list(heeding.items(one for path in paths for one in read(path)))
    refused = sum(not isinstance(one, Row) for one in rows)
    if refused:
        click.echo(
            f"{refused} rows cannot be read; `tierlane import anonbank` names them", err=True
        )
    return waits(one for one in rows if isinstance(one, Row))


def _print(found: "Discovery") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, soft_wrap=True)
    for period in found.periods:
        title = f"{period.name}: {period.choices:,} choices on {period.days} days"
        table = Table(title=title, title_justify="left")
        table.add_column("order")
        table.add_column("agreement", justify="right")
        table.add_column("95 %", justify="right")
        for one in period.orders:
            table.add_row(named(one.order), f"{one.share:.1%}", f"{one.low:.1%} to {one.high:.1%}")
        console.print(table)
        shares = [one.share for one in period.sweep if (one.order.figure or 0) % SWEPT == 0]
        console.print(f"credit 0 to {period.sweep[-1].order.figure:g} s: {_bars(shares)}")
        if period.knee is None:
            console.print("More credit explains no more than none.\n")
        else:
            knee = period.knee
            console.print(
                f"Credit explains more up to {knee.seconds:g} s"
                f" ({knee.low:g} to {knee.high:g}), and hardly more beyond.\n"
            )
    if len(found.regimes) == 1:
        part, order = found.regimes[0]
        console.print(f"One order holds throughout: {named(order)}.")
        return
    console.print("The order changed:")
    for part, order in found.regimes:
        console.print(f"  {part.first} to {part.last}  {named(order)} ({part.share:.1%})")


def named(order: "Order") -> str:
    """Return an order in words."""
    words = {
        "fifo": "first come, first served",
        "credit": f"credit of {order.figure or 0:g} s",
        "strict": "strict priority",
        "ageing": f"ageing {order.figure or 1:g} times as fast by rank",
        "promised": "promised time first",
    }
    return words[order.name]


def _bars(shares: Sequence[float]) -> str:
    low, high = min(shares), max(shares)
    reach = high - low or 1
    return "".join(BARS[round((one - low) / reach * (len(BARS) - 1))] for one in shares)
