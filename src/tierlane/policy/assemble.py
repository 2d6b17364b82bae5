"""Compiles the sections of a document into sets, noting what they ask of each field."""

from dataclasses import dataclass, field
from typing import Any

from tierlane.lane import Lane
from tierlane.policy.condition import Conditions
from tierlane.policy.document import (
    Body,
    Constant,
    Document,
    Ladder,
    Plan,
    Rule,
    Rules,
    Step,
    Table,
    TableRow,
    ValueSet,
    Written,
    word,
)
from tierlane.policy.expression import Binary, NotCel, Path, parse
from tierlane.policy.field import Type
from tierlane.policy.finding import Place, Report
from tierlane.policy.planning import CompiledPlan, CompiledStep
from tierlane.policy.scope import Given, Scope, Slots
from tierlane.policy.shape import near
from tierlane.policy.slot import Slot
from tierlane.policy.tiering import Keep, Margin
from tierlane.policy.valueset import (
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
                slot.least.update(point * (1 - body.margin) for point, _ in steps)
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

    def plan(self, one: Plan, lanes: dict[str, Lane], scope: Scope) -> CompiledPlan:
        """Compile a plan's steps; a step without a lane stays in the one before."""
        steps: list[CompiledStep] = []
        lane: Lane | None = None
        for step in one.steps:
            if step.lane is not None:
                lane = self.lane(step.lane, lanes)
            elif lane is None:
                self.report.error("missing_key", step.place, "the first step needs a `lane`")
            if lane is not None:
                steps.append(self._step(step, lane, scope))
        return CompiledPlan(one.name, tuple(steps))

    def lane(self, written: Written, lanes: dict[str, Lane]) -> Lane | None:
        """Return a lane by name; an unknown one is reported."""
        found = lanes.get(written.text)
        if found is None and written.text:
            message = f"no lane `{written.text}`"
            self.report.error("unknown_lane", written.place, message, near(written.text, lanes))
        return found

    def _step(self, step: Step, lane: Lane, scope: Scope) -> CompiledStep:
        advisors = tuple(s for want in step.who if (s := self._advisor(want, scope)) is not None)
        if lane.kind == "dedicated" and not step.who:
            message = f"lane `{lane.name}` is dedicated, and the step names no advisor"
            hint = "`who: [advisor.id == profile.dedicated_advisor]`"
            self.report.warn("no_advisor", step.place, message, hint)
        when = self.conditions.compile(step.when, scope)
        return CompiledStep(lane, when, advisors, step.priority, self._opening(lane))

    def _opening(self, lane: Lane) -> int:
        """Return the slot that tells whether a lane's desk is open, -1 where that is not asked."""
        for desk in self.document.desks:
            if desk.name == lane.desk and desk.calendar is not None and lane.closed.how != "wait":
                return self.slots.opening(desk.calendar.name).index
        return -1

    def _advisor(self, want: Written, scope: Scope) -> int | None:
        """Return the slot of the advisor that `advisor.id == FIELD` names."""
        try:
            tree = parse(want.text)
            sides = (
                [tree.left, tree.right] if isinstance(tree, Binary) and tree.sign == "==" else []
            )
            fields = [
                side for side in sides if isinstance(side, Path) and side.text != "advisor.id"
            ]
            if len(sides) != 2 or len(fields) != 1:
                message = f"`{want.text}` needs a desk that knows its advisors"
                hint = "a step can name one: `advisor.id == profile.dedicated_advisor`"
                self.report.error("plan_needs_managed_desk", want.place, message, hint)
                return None
            slot = scope.slot(fields[0].text, fields[0].start)
        except NotCel as error:
            self.report.error(error.code, want.place, error.message, error.hint)
            return None
        if slot.type != "text":
            self.report.error("wrong_type", want.place, f"`{slot.path}` is not text")
        return slot.index

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
                tuple((float(p) * (1 - body.margin), str(tier)) for p, tier, _ in body.steps),
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
