"""A report's data, looked up: figures by side, kind, name and measure."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

SIDES: Final = ("A", "B")
DIFFERENCE: Final = "B-A"

Row = Mapping[str, Any]
"""One row of a table of the report, by its columns."""


class Figure(NamedTuple):
    """One figure with its 95 % interval; without one where there is one replication."""

    value: float
    low: float | None
    high: float | None

    @property
    def sure(self) -> bool:
        """Whether a difference leaves 0 out."""
        return self.verdict in ("more", "less")

    @property
    def verdict(self) -> str:
        """Of a difference: `more`, `less`, `same`, `unsure`, or `single` without an interval."""
        if not self.value and not self.low and not self.high:
            return "same"
        if self.low is None or self.high is None:
            return "single"
        if self.low <= 0 <= self.high:
            return "unsure"
        return "more" if self.value > 0 else "less"


class Figures:
    """The figures of one report."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        self.report: Final = report
        self._rows: dict[tuple[str, str, str, str], Figure] = {}
        self._names: dict[str, dict[str, None]] = {}
        for row in report["measures"]:
            key = row["side"], row["by"], row["name"], row["measure"]
            self._rows[key] = Figure(row["value"], row["low"], row["high"])
            self._names.setdefault(row["by"], {})[row["name"]] = None
        self.simulated: Final = report["replications"] is not None

    def of(self, side: str, by: str, name: str, measure: str) -> Figure | None:
        """Return a figure; None where there was nothing to count."""
        return self._rows.get((side, by, name, measure))

    def both(
        self, by: str, name: str, measure: str
    ) -> tuple[Figure | None, Figure | None, Figure | None]:
        """Return the figures of A, of B and of their difference."""
        a, b = (self.of(side, by, name, measure) for side in SIDES)
        return a, b, self.of(DIFFERENCE, by, name, measure)

    def names(self, by: str) -> tuple[str, ...]:
        """Return what figures of a kind there are; tiers the highest first."""
        found = tuple(self._names.get(by, ()))
        if by == "tier":
            order = {name: place for place, name in enumerate(self.report["tiers"])}
            return tuple(sorted(found, key=lambda one: (order.get(one, len(order)), one)))
        return found

    def tiers(self, rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
        """Return the tiers of a table: everybody, then the highest first."""
        found = {row["tier"] for row in rows}
        return tuple(one for one in ("", *self.report["tiers"]) if one in found)

    @property
    def rates(self) -> Row | None:
        """What an hour costs, where that was told."""
        found: Row | None = self.report["assumed"].get("rates")
        return found

    @property
    def asked(self) -> tuple[tuple[str, str], ...]:
        """Whom the question names, each as `by` and name.

        Tiers the highest first, those above where it says so; then scenarios.
        """
        question = self.report["question"]
        supposed = question["supposed"] if question else ()
        order, found = list(self.report["tiers"]), set()
        for one in supposed:
            if one["by"] == "tier" and one["who"] in order:
                place = order.index(one["who"])
                found |= set(order[: place + 1] if one["above"] else (one["who"],))
        tiers = [("tier", one) for one in order if one in found]
        return (*tiers, *((one["by"], one["who"]) for one in supposed if one["by"] == "scenario"))
