"""What the demo shows: steps, progress, a table of tiers and lanes, decisions in words."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from tierlane.audit.explain import explain
from tierlane.stream.tally import Tally

KINDS: Final = ("dedicated", "priority", "standard", "selfservice")
"""Kinds of lane, the warmest first."""


class Screen:
    """Steps and progress go to stderr, the tables and decisions to stdout."""

    def __init__(self) -> None:
        self._steps = Console(stderr=True, highlight=False)
        self._out = Console(highlight=False)

    def step(self, name: str, text: str) -> None:
        """Tell that something is done."""
        self._steps.print(f"[bold]{name:<9}[/bold] {text}", soft_wrap=True)

    def progress(self) -> Progress:
        """Return a bar for what is sent and decided; silent where stderr is no terminal."""
        return Progress(
            TextColumn("[bold]{task.description:<9}[/bold]"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=self._steps,
            disable=not self._steps.is_terminal,
        )

    def lanes(self, tally: Tally, tiers: Iterable[str]) -> None:
        """Print how many contacts of each tier are in each lane."""
        counts = tally.table()
        order = [tier for tier in tiers if any(key[2] == tier for key in counts)]
        table = Table(title="Contacts by lane and tier", title_justify="left")
        table.add_column("kind")
        table.add_column("lane")
        for tier in (*order, "all"):
            table.add_column(tier, justify="right")
        places = sorted({key[:2] for key in counts}, key=lambda p: (KINDS.index(p[0]), p[1]))
        for number, (kind, lane) in enumerate(places):
            row = [counts[kind, lane, tier] for tier in order]
            last = number + 1 == len(places) or places[number + 1][0] != kind
            table.add_row(kind, lane, *map(_count, (*row, sum(row))), end_section=last)
        sums = [sum(v for key, v in counts.items() if key[2] == tier) for tier in order]
        table.add_row("", "all", *map(_count, (*sums, sum(sums))))
        self._out.print(table)

    def decisions(self, samples: Mapping[str, Mapping[str, Any]]) -> None:
        """Print one decision of each kind of lane in words."""
        for kind in KINDS:
            if kind in samples:
                self._out.print(f"\n[bold]Why a {kind} lane?[/bold]")
                self._out.print(explain(samples[kind], brief=True), markup=False, soft_wrap=True)

    def table(self, table: Table) -> None:
        """Print a table of the closing account."""
        self._out.print(table)

    def line(self, text: str) -> None:
        """Print a line of the closing account."""
        self._out.print(text, soft_wrap=True, markup=False)


def _count(number: int) -> str:
    return f"{number:,}" if number else "·"
