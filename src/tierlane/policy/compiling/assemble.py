"""Compiles the sections of a document into sets, noting what they ask of each field."""

from dataclasses import dataclass, field
from typing import Any

from tierlane.policy.condition.condition import Conditions
from tierlane.policy.condition.expression import NotCel
from tierlane.policy.condition.scope import Given, Scope, Slots
from tierlane.policy.condition.slot import Slot
from tierlane.policy.deciding.tiering import Keep, Margin, lowered
from tierlane.policy.deciding.valueset import (
    Cells,
    Choice,
    Column,
    Obligation,
    Row,
    Shared,
    Steps,
    ValueFinder,
    Wide,
)
from tierlane.policy.form.document import (
    Body,
    Constant,
    Document,
    Ladder,
    Rule,
    Rules,
    Table,
    TableRow,
    ValueSet,
    Written,
    word,
)
from tierlane.policy.form.field import Type
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.shape import near

WIDE_FROM = 256
"""Rows above which a table's row is looked up per contact instead of per class."""


def type_of(values: tuple[Constant, ...]) -> Type | None:
    """Return the common type of constants, None when they have none."""
    kinds = {
        "flag" if isinstance(v, bool) else "text" if isinstance(v, str) else "number"
        for v in values
    }
    found: dict[str, Type] = {"flag": "flag", "text": "text", "number": "number"}
    return found[kinds.pop()] if len(kinds) == 1 else None


@dataclass(slots=True)
class Assembly:
    """The sets of one policy while they are compiled."""

    document: Document
    slots: Slots
    report: Report
    conditions: Conditions
    wide: list[Wide] = field(default_factory=list)
    shared: list[Shared] = field(default_factory=list)
    margins: list[tuple[Slot, Ladder]] = field(default_factory=list)

    def choice(self, of: str, rules: tuple[Rule, ...], default: Any, scope: Scope) -> Choice:
        """Compile rows of which the first that holds counts."""
        return Choice(of, self._rows(of, rules, scope), default)

    def obligation(self, of: str, rules: tuple[Rule, ...], scope: Scope) -> Obligation:
        """Compile rows that all count."""
        return Obligation(of, self._rows(of, rules, scope))

    def _rows(self, of: str, rules: tuple[Rule, ...], scope: Scope) -> tuple[Row, ...]:
        return tuple(
            Row(f"{of}/{one.name}", one.name, self.conditions.compile(one.when, scope), one.then)
            for one in rules
        )

    def value_set(self, one: ValueSet, of: str, scope: Scope) -> ValueFinder:
        """Compile a fact or a set of tiers; `of` is its name in the evidence: `facts/stage`."""
        body: Body = one.body
        if isinstance(body, Rules):
            return self.choice(of, body.rows, one.default, scope)
        if isinstance(body, Ladder):
            return self._ladder(one, of, body, scope)
        if isinstance(body, Table):
            return self._table(one, of, body, scope)
        self.shared.append(Shared(of, body.salt, body.parts))
        return self.shared[-1]

    def _ladder(self, one: ValueSet, of: str, body: Ladder, scope: Scope) -> Steps:
        column, kind = self.column(body.field, scope)
        if kind not in ("number", "integer", ""):
            message = f"`{body.field.text}` is of type {kind}"
            self.report.error("wrong_type", body.field.place, message, "a ladder needs a number")
        steps = tuple((point, value) for point, value, _ in body.steps)
        if column.slot >= 0:
            slot = self.slots.all[column.slot]
            slot.least.update(point for point, _ in steps)
            if body.margin:
                slot.least.update(lowered(point, body.margin) for point, _ in steps)
                self.margins.append((slot, body))
        path = body.field.text if column.slot < 0 else self.slots.all[column.slot].path
        return Steps(of, column, steps, one.default, path)

    def _table(self, one: ValueSet, of: str, body: Table, scope: Scope) -> ValueFinder:
        found = [self.column(written, scope) for written in body.on]
        columns = tuple(column for column, _ in found)
        self._check_cells(body, [kind for _, kind in found])
        rows = tuple((row.cells, row.value, row.name) for row in body.rows)
        cells = Cells(of, columns, rows, one.default)
        texts = all(column.slot >= 0 and kind == "text" for column, kind in found)
        if len(rows) > WIDE_FROM and texts:
            self.wide.append(Wide(cells))
            return self.wide[-1]
        for number, column in enumerate(columns):
            if column.slot >= 0:
                self._note_cells(self.slots.all[column.slot], number, body.rows)
        return cells

    def _note_cells(self, slot: Slot, number: int, rows: tuple[TableRow, ...]) -> None:
        cells = {row.cells[number] for row in rows} - {None}
        if slot.type in ("number", "integer"):
            slot.points.update(float(cell) for cell in cells if not isinstance(cell, str | None))
        elif slot.type == "text":
            slot.words.update(cells)

    def _check_cells(self, body: Table, kinds: list[str]) -> None:
        seen: dict[tuple[Constant | None, ...], Place] = {}
        for row in body.rows:
            for cell, kind, written in zip(row.cells, kinds, body.on, strict=True):
                if cell is None or not kind:
                    continue
                fits = {"text": str, "flag": bool}.get(kind, (int, float))
                if not isinstance(cell, fits) or (isinstance(cell, bool) and kind != "flag"):
                    message = f"`{word(cell)}` is not of type {kind}, as `{written.text}` is"
                    self.report.error("wrong_type", row.place, message)
                else:
                    self._check_member(cell, written.text, row.place)
            if row.cells in seen:
                hint = f"the first is in line {seen[row.cells].line}"
                self.report.error("equal_keys", row.place, f"row `{row.name}` stands twice", hint)
            seen.setdefault(row.cells, row.place)

    def _check_member(self, cell: Constant, path: str, place: Place) -> None:
        known = self.slots.fields.get(path)
        if known and known.values and cell not in known.values:
            hint = near(word(cell), (word(value) for value in known.values))
            message = f"`{path}` is never `{word(cell)}`"
            self.report.error("unknown_value", place, message, hint)

    def column(self, written: Written, scope: Scope) -> tuple[Column, str]:
        """Return what a table or ladder looks at, and its type; reports what is no field."""
        if given := scope.given.get(written.text):
            return Column(variable=given.variable), given.type
        try:
            slot = scope.slot(written.text, 0)
        except NotCel as error:
            self.report.error(error.code, written.place, error.message, error.hint)
            return Column(), ""
        if slot.type not in ("text", "number", "integer", "flag"):
            message = f"`{written.text}` is of type {slot.type}"
            self.report.error("wrong_type", written.place, message, "text, a number or a flag")
        return Column(slot.index), slot.type

    def given(self, one: ValueSet, of: str) -> Given:
        """Return what a fact gives to the conditions after it."""
        values = tuple(dict.fromkeys(value for value, _ in results(one)))
        kind = type_of(values)
        if kind is None:
            hint = "all text, all numbers, or all `true` and `false`"
            message = f"`{of}` gives values of different types"
            self.report.error("mixed_types", one.place, message, hint)
        return Given(f"f_{one.name}", kind or "text", values)

    def keep(self, scope: Scope) -> Keep | None:
        """Compile `tiers.keep`."""
        keep = self.document.tiers.keep
        if keep is None:
            return None
        if isinstance(keep, int):
            base = self.slots.raw("memory.tier.earned_at")
            limit = keep
        else:
            try:
                base = scope.slot(keep.text, 0)
            except NotCel as error:
                self.report.error(error.code, keep.place, error.message, error.hint)
                return None
            if base.type != "time":
                self.report.error("wrong_type", keep.place, f"`{keep.text}` is not a time")
            limit = 0
        slot = self.slots.derived("age", base, "duration")
        slot.least.add(limit)
        return Keep(slot.index, limit)

    def margin(self) -> tuple[Margin, ...]:
        """Return the margins met while the sets of tiers were compiled."""
        return tuple(
            Margin(
                slot.index,
                tuple((lowered(float(p), body.margin), str(tier)) for p, tier, _ in body.steps),
            )
            for slot, body in self.margins
        )


def results(one: ValueSet) -> list[tuple[Constant, Place]]:
    """Return every value a set can give, with its place; the default first."""
    body = one.body
    found: list[tuple[Constant, Place]] = []
    if one.default is not None:
        found.append((one.default, one.place))
    if isinstance(body, Rules):
        found += [(row.then, row.place) for row in body.rows]
    elif isinstance(body, Ladder):
        found += [(value, place) for _, value, place in body.steps]
    elif isinstance(body, Table):
        found += [(row.value, row.place) for row in body.rows]
    else:
        found += [(value, one.place) for value, _ in body.parts]
    return found
