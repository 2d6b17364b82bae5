"""Compiled sets of rules: each finds its value for one contact, with the reasons.

A choice takes the first row that holds, an obligation every row; see `Evaluation` for the answers.
"""

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from operator import itemgetter
from typing import Any, Final

from tierlane.decision import Fault, Missed
from tierlane.policy.condition.condition import Condition
from tierlane.policy.deciding.evaluation import Evaluation, Hit
from tierlane.policy.form.document import Constant, word

MOST_MISSED: Final = 1_000
"""Rows of one set whose reasons are kept; the record has room for fewer, memory is not endless."""


@dataclass(frozen=True, slots=True)
class Row:
    """A compiled rule: `scenarios/return in time`, its condition and what it gives."""

    name: str
    short: str
    """The name inside its set."""
    condition: Condition
    value: Any


@dataclass(frozen=True, slots=True)
class Column:
    """What a table or ladder looks at: a slot, or a value decided before."""

    slot: int = -1
    variable: str = ""

    def value(self, evaluation: Evaluation) -> Any:
        """Return the value of one contact, None where there is none."""
        return evaluation.given[self.variable] if self.slot < 0 else evaluation.value(self.slot)


class Choice:
    """Rows of which the first that holds gives the value; none gives the default."""

    def __init__(self, name: str, rows: tuple[Row, ...], default: Any) -> None:
        self.name, self.rows, self.default = name, rows, default
        self.slots = frozenset(slot for row in rows for slot in row.condition.slots)
        self.names = frozenset(name for row in rows for name in row.condition.names)

    def find(self, evaluation: Evaluation) -> Hit:
        """Try the rows top down."""
        missed: list[Missed] = []
        faults: list[Fault] = []
        used: dict[int, None] = {}
        for number, row in enumerate(self.rows, 1):
            used.update(dict.fromkeys(row.condition.slots))
            why = evaluation.failing(row.condition, row.name, faults)
            if why is None:
                more = max(0, number - 1 - MOST_MISSED)
                return Hit(row.value, (row.name,), tuple(missed), tuple(faults), used, more)
            if number <= MOST_MISSED:
                missed.append(Missed(self.name, number, row.short, *why))
        more = max(0, len(self.rows) - MOST_MISSED)
        return Hit(self.default, (), tuple(missed), tuple(faults), used, more)


class Obligation(Choice):
    """Rows that all count; the value is the tuple of what those that hold give."""

    def __init__(self, name: str, rows: tuple[Row, ...]) -> None:
        super().__init__(name, rows, ())

    def find(self, evaluation: Evaluation) -> Hit:
        """Try every row."""
        missed: list[Missed] = []
        faults: list[Fault] = []
        held: list[Row] = []
        for number, row in enumerate(self.rows, 1):
            why = evaluation.failing(row.condition, row.name, faults)
            if why is None:
                held.append(row)
            elif number <= MOST_MISSED:
                missed.append(Missed(self.name, number, row.short, *why))
        rows = tuple(row.name for row in held)
        used = dict.fromkeys(sorted(self.slots))
        value = tuple((one.name, one.value) for one in held)
        return Hit(value, rows, tuple(missed), tuple(faults), used, binding=True)


class Steps:
    """A ladder: the last step not above the value."""

    def __init__(
        self,
        name: str,
        column: Column,
        steps: tuple[tuple[float, Constant], ...],
        default: Any,
        path: str,
    ) -> None:
        self.name, self.column, self.default, self.path = name, column, default, path
        self.points = [float(point) for point, _ in steps]
        self.given = [value for _, value in steps]
        self.words = [f"{name}/{word(point)}" for point, _ in steps]
        self.slots = frozenset({column.slot} - {-1})
        self.names = frozenset({column.variable} - {""})

    def find(self, evaluation: Evaluation) -> Hit:
        """Find the step by bisection."""
        used = dict.fromkeys(self.slots)
        value = self.column.value(evaluation)
        if value is None:
            return Hit(
                self.default,
                (),
                (Missed(self.name, 0, "", f"missing {self.path}", f"missing {self.path}"),),
                (),
                used,
            )
        step = bisect_right(self.points, value) - 1
        if step < 0:
            below = f"{self.path} below {word(self.points[0])}" if self.points else "no steps"
            return Hit(self.default, (), (Missed(self.name, 0, "", below, below),), (), used)
        return Hit(self.given[step], (self.words[step],), (), (), used)


class Cells:
    """A table: one hash look-up per pattern of `any`; the lowest row number among the hits."""

    def __init__(
        self,
        name: str,
        columns: tuple[Column, ...],
        rows: tuple[tuple[tuple[Constant | None, ...], Constant, str], ...],
        default: Any,
    ) -> None:
        self.name, self.columns, self.default = name, columns, default
        self.rows = tuple((value, f"{name}/{row}") for _, value, row in rows)
        self.slots = frozenset(column.slot for column in columns if column.slot >= 0)
        self.names = frozenset(column.variable for column in columns if column.slot < 0)
        patterns: dict[tuple[int, ...], dict[tuple[Constant | None, ...], int]] = {}
        for number, (cells, _, _) in enumerate(rows):
            pattern = tuple(i for i, cell in enumerate(cells) if cell is not None)
            patterns.setdefault(pattern, {}).setdefault(tuple(cells[i] for i in pattern), number)
        self.patterns = tuple(patterns.items())

    def row(self, values: tuple[Any, ...]) -> int:
        """Return the number of the first row that fits, or -1."""
        best = -1
        for pattern, numbers in self.patterns:
            number = numbers.get(tuple([values[i] for i in pattern]), -1)
            if number >= 0 and (best < 0 or number < best):
                best = number
        return best

    def find(self, evaluation: Evaluation) -> Hit:
        """Look the row up."""
        number = self.row(tuple([column.value(evaluation) for column in self.columns]))
        used = dict.fromkeys(sorted(self.slots))
        if number < 0:
            return Hit(self.default, (), (Missed(self.name, 0, "", "no row", "no row"),), (), used)
        value, row = self.rows[number]
        return Hit(value, (row,), (), (), used)


class Wide:
    """A table with so many rows that each contact's row is looked up before its class is made.

    The class then holds the value the row gives, so ten thousand rows are no more classes than
    their values; which row it was stands in the contact's own part of the evidence.
    """

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.position = -1
        """Where its value stands among the classes; known when all slots are."""
        self.name, self.default = cells.name, cells.default
        self.slots = self.names = frozenset[Any]()
        self.read = itemgetter(*(column.slot for column in cells.columns))
        self.single = len(cells.columns) == 1

    def row(self, values: list[Any]) -> int:
        """Return the number of the row for one contact's values, or -1."""
        read = self.read(values)
        try:
            return self.cells.row((read,) if self.single else read)
        except TypeError:  # a list or map where text was meant: it reads as null
            return -1

    def find(self, evaluation: Evaluation) -> Hit:
        """Take the value found before."""
        number = evaluation.classes[self.position]
        used = dict.fromkeys(sorted(self.cells.slots))
        if number is None:
            return Hit(self.default, (), (Missed(self.name, 0, "", "no row", "no row"),), (), used)
        return Hit(number, (), (), (), used)


class Shared:
    """Values by share; the draw is a digest of the contact's id and the salt."""

    def __init__(self, name: str, salt: str, parts: tuple[tuple[Constant, float], ...]) -> None:
        self.name, self.salt = name, salt
        self.position = -1
        """Where its part stands among the classes; known when all slots are."""
        self.values = [value for value, _ in parts]
        self.limits = list(accumulate(share for _, share in parts))
        self.slots = self.names = frozenset[Any]()

    def part(self, draw: float) -> int:
        """Return which part a draw from 0 to 100 falls into."""
        return min(bisect_right(self.limits, draw), len(self.values) - 1)

    def find(self, evaluation: Evaluation) -> Hit:
        """Take the part drawn before."""
        value = self.values[evaluation.classes[self.position]]
        return Hit(value, (f"{self.name}/{word(value)}",))


ValueFinder = Choice | Steps | Cells | Wide | Shared
