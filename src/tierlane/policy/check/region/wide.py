"""Tables too large to be drawn: their shadowed rows, found by look-ups.

A row fits whatever has its cells. What it does not ask for may be null, and null fits `any` alone;
so a row is shadowed just when one above it fits that point. Of a fact, which is never null, every
value is tried.
"""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, Final

from tierlane.policy.form.document import Document, Table, TableRow
from tierlane.policy.form.finding import Report

MOST_POINTS: Final = 64
"""Points of one row that are tried; a row with more counts as reached."""

Cell = str | int | float | bool | None


def find_wide(
    name: str, table: Table, given: Mapping[str, tuple[Any, ...]], report: Report
) -> None:
    """Report the rows of a table that those above them cover."""
    first = _Rows(table)
    facts = [given.get(written.text) for written in table.on]
    for number, row in enumerate(table.rows):
        above = {first.at(point) for point in _points(row, facts)}
        if above and max(above) < number:
            one = table.rows[min(above)]
            message = f"`{row.name}` of `{name}` is never reached: `{one.name}` takes its contacts"
            report.warn("shadowed", row.place, message, f"see {one.place.beside(row.place)}")


def _points(row: TableRow, facts: list[tuple[Any, ...] | None]) -> Iterator[tuple[Cell, ...]]:
    """Return the points that stand for all that fits a row."""
    choices: list[tuple[Cell, ...]] = []
    count = 1
    for cell, values in zip(row.cells, facts, strict=True):
        choices.append((cell,) if cell is not None else (values or (None,)))
        count *= len(choices[-1])
    return product(*choices) if count <= MOST_POINTS else iter(())


class _Rows:
    """Finds the first row that fits, by one look-up per pattern of `any`."""

    def __init__(self, table: Table) -> None:
        self.patterns: dict[tuple[int, ...], dict[tuple[Cell, ...], int]] = {}
        for number, row in enumerate(table.rows):
            pattern = tuple(n for n, cell in enumerate(row.cells) if cell is not None)
            cells = tuple(row.cells[n] for n in pattern)
            self.patterns.setdefault(pattern, {}).setdefault(cells, number)

    def at(self, point: tuple[Cell, ...]) -> int:
        """Return the number of the first row that fits a point; one fits, as points are of rows."""
        found = (
            rows.get(tuple(point[n] for n in pattern)) for pattern, rows in self.patterns.items()
        )
        return min(number for number in found if number is not None)


def wide_tables(document: Document, least: int) -> Iterator[tuple[str, Table]]:
    """Return the tables with more rows than are drawn, by their names."""
    for of, sets in (("facts", document.facts), ("tiers", document.tiers.sets)):
        for one in sets:
            if isinstance(one.body, Table) and len(one.body.rows) > least:
                yield f"{of}/{one.name}", one.body
