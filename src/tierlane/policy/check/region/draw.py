"""Draws the atlas of a policy: every list from the facts to the plans, each with its budget."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar

from tierlane.policy.check.region.atlas import UNDRAWN, Atlas, List, Row, Ruled
from tierlane.policy.check.region.cut import MOST_RULES, scalar, tree_of
from tierlane.policy.check.region.diagram import EVERYTHING, NOTHING, Diagram, TooLarge
from tierlane.policy.check.region.gather import cuts_of
from tierlane.policy.check.region.line import Role
from tierlane.policy.check.region.plane import Plane
from tierlane.policy.check.region.sampling import tries_for
from tierlane.policy.check.region.standing import tiers_held
from tierlane.policy.check.region.step import draw_steps
from tierlane.policy.check.region.truth import Judge
from tierlane.policy.compiling.assemble import results
from tierlane.policy.form.document import (
    Document,
    Ladder,
    Rules,
    Shares,
    Table,
    ValueSet,
    Written,
    word,
)
from tierlane.policy.form.field import Field

MOST_ROWS: Final = 1_000
"""Rows of a table that are drawn as regions; larger ones are looked at by themselves."""
T = TypeVar("T")

Values = dict[Any, int]
"""Value → region."""


def plane_of(document: Document, fields: Mapping[str, Field]) -> Plane:
    """Return the plane of a document, on which nothing is drawn yet."""
    return Plane(Diagram(), cuts_of(document, fields))


def draw(
    document: Document,
    plane: Plane,
    *,
    free_tier: bool = False,
    told: Callable[[str], None] = lambda _: None,
) -> Atlas:
    """Return the atlas of a document that compiles.

    With `free_tier` the tier hangs on nothing; `told` is called with the name of each list.
    """
    judge = Judge(plane, {}, document.tiers.order)
    drawing = _Drawing(Atlas(document, judge), told)
    drawing.facts()
    drawing.tiers(free=free_tier)
    drawing.scenarios()
    drawing.rest()
    return drawing.atlas


class _Drawing:
    """One atlas while it is drawn."""

    def __init__(self, atlas: Atlas, told: Callable[[str], None]) -> None:
        self.atlas, self.told = atlas, told
        self.document, self.judge = atlas.document, atlas.judge
        self.diagram, self.plane = atlas.diagram, atlas.judge.plane

    def facts(self) -> None:
        for one in self.document.facts:
            values = tuple(dict.fromkeys(value for value, _ in results(one)))
            name = f"facts/{one.name}"
            self.judge.given[f"fact.{one.name}"] = self._value_set(one, name, values)

    def tiers(self, *, free: bool) -> None:
        order = self.document.tiers.order
        sets = [
            self._value_set(one, f"tiers/{one.name}", (None, *order))
            for one in self.document.tiers.sets
        ]

        def freely() -> Values:
            return self._freely("tier", order)

        def given() -> Values:
            self.atlas.earned = self._highest(sets)
            return tiers_held(self.document, self.judge, self.atlas.earned)

        self.atlas.stands = freely() if free else self._within("tiers", given, freely)
        self.judge.given["tier"] = self.atlas.stands

    def scenarios(self) -> None:
        written = self.document.scenarios
        names = tuple(dict.fromkeys((written.default, *(str(row.then) for row in written.rules))))
        rows = [(row.name, row.place, row.when, row.then) for row in written.rules]
        found = self._choice("scenarios", rows, written.default, names)
        self.judge.given["scenario"] = found
        ignored = NOTHING
        for one in written.ignore_tier:
            ignored = self.diagram.either(ignored, found.get(one.text, NOTHING))
        if ignored != NOTHING:
            self._ignore(ignored)

    def rest(self) -> None:
        document = self.document
        for name, rules in (
            ("floors", document.floors),
            ("compliance", document.compliance),
            ("serving", document.serving),
            ("memory", document.memory.counts),
        ):
            self.atlas.binding[name] = self._all(name, rules)
        for name, (default, rules) in (
            ("promises", document.promises),
            ("priorities", document.priorities),
        ):
            self._choice(name, [(r.name, r.place, r.when, r.then) for r in rules], default, ())
        plans = [(one.name, one.place, one.when, one) for one in document.plans]
        self._choice("plans", plans, None, ())
        if self.atlas.lists["plans"].exact:
            self._within("steps", lambda: draw_steps(self.atlas), lambda: None)

    def _all(self, name: str, rules: Iterable[Any]) -> List:
        """Draw rows that all count; one that cannot be drawn may hold anywhere."""

        def drawn() -> List:
            rows = []
            for rule in rules:
                holds = self.atlas.condition(rule.when)
                rows.append(Row(rule.name, rule.place, rule.when, holds, holds, rule.then))
            return List(name, rows)

        def apart() -> List:
            free = self.plane.choice(f"given {name}", range(2)).among(self.diagram, (1,))
            rows = [Row(r.name, r.place, r.when, free, free, r.then) for r in rules]
            return List(name, rows, exact=False)

        return self._within(name, drawn, apart)

    def _value_set(self, one: ValueSet, name: str, values: tuple[Any, ...]) -> Values:
        """Draw a fact or a set of tiers; one that cannot be drawn may give any of its values."""
        body = one.body
        if isinstance(body, Rules):
            rows = [(row.name, row.place, row.when, row.then) for row in body.rows]
            return self._choice(name, rows, one.default, values)
        if isinstance(body, Shares):
            drawn_values = tuple(dict.fromkeys(value for value, _ in body.parts))
            return self._freely(one.name, drawn_values, "draw")
        if isinstance(body, Table) and len(body.rows) > MOST_ROWS:
            return self._freely(name, values)

        def drawn() -> Values:
            regions = self._ladder(body) if isinstance(body, Ladder) else self._table(body)
            listed = List(name, [])
            self._cover(listed, regions)
            self.atlas.lists[name] = listed
            return self._values(listed, one.default)

        return self._within(name, drawn, lambda: self._freely(name, values))

    def _choice(
        self, name: str, rules: list[Ruled], default: Any, values: tuple[Any, ...]
    ) -> Values:
        """Draw rows of which the first that holds counts."""
        listed = self.atlas.lists[name] = List(name, [])

        def covered() -> Values:
            if len(rules) > MOST_RULES:
                raise TooLarge
            self._cover(listed, ((*rule, self.atlas.condition(rule[2])) for rule in rules))
            return self._values(listed, default)

        def apart() -> Values:
            listed.exact = False
            listed.rows = [Row(*rule[:3], UNDRAWN, UNDRAWN, rule[3]) for rule in rules]
            self._apart(listed)
            return self._freely(name, values) if values else {}

        return self._within(name, covered, apart)

    def _cover(self, listed: List, rules: Iterable[tuple[Any, ...]]) -> None:
        """Give each row what the rows above leave of it."""
        for name, place, when, value, holds in rules:
            takes = self.diagram.both(holds, listed.rest)
            listed.rows.append(Row(name, place, when, holds, takes, value))
            listed.rest = self.diagram.without(listed.rest, holds)

    def _apart(self, listed: List) -> None:
        """Draw each row by itself, as far as the budget goes: contacts are tried on them."""
        if not tries_for(len(listed.rows)):
            return
        try:
            for row in listed.rows:
                row.holds = self.atlas.condition(row.when)
        except (TooLarge, RecursionError):
            self.diagram.begin()

    def _values(self, listed: List, default: Any) -> Values:
        found: Values = {default: listed.rest}
        for row in listed.rows:
            if isinstance(row.value, str | int | float):
                region = found.get(row.value, NOTHING)
                found[row.value] = self.diagram.either(region, row.takes)
        return found

    def _ladder(self, body: Ladder) -> Iterable[tuple[Any, ...]]:
        """Return the steps, the highest first: then the first that holds counts here too."""
        for point, value, place in reversed(body.steps):
            yield (
                word(point),
                place,
                None,
                value,
                self._column(body.field, lambda v, p=point: v >= p),
            )

    def _table(self, body: Table) -> Iterable[tuple[Any, ...]]:
        for row in body.rows:
            holds = EVERYTHING
            for cell, written in zip(row.cells, body.on, strict=True):
                if cell is not None:
                    here = self._column(written, cell)
                    holds = self.diagram.both(holds, here)
            yield row.name, row.place, None, row.value, holds

    def _column(self, written: Written, wanted: Any) -> int:
        """Return where a column has a value, or one that passes a test."""
        tests = callable(wanted)
        given = self.judge.given.get(written.text)
        if given is not None:
            found = NOTHING
            for value, region in given.items():
                if value is not None and (wanted(value) if tests else value == wanted):
                    found = self.diagram.either(found, region)
            return found
        named = scalar(tree_of(written.text), self.plane.cuts.fields)
        if named is None:
            raise TooLarge
        line = self.plane.line(named[0])
        if tests:
            return line.where(self.diagram, lambda value: value is not None and wanted(value))
        return line.equal(self.diagram, (wanted,))

    def _highest(self, sets: list[Values]) -> Values:
        """Return where each tier is the highest that a set gives, or the default."""
        order, default = self.document.tiers.order, self.document.tiers.default
        found = dict.fromkeys(order, NOTHING)
        above = NOTHING
        for tier in reversed(order):
            here = NOTHING
            for one in sets:
                here = self.diagram.either(here, one.get(tier, NOTHING))
            found[tier] = self.diagram.without(here, above)
            above = self.diagram.either(above, here)
        found[default] = self.diagram.either(
            found[default], self.diagram.without(EVERYTHING, above)
        )
        return found

    def _ignore(self, ignored: int) -> None:
        """Let the tier be the default one where a scenario ignores it."""
        default = self.document.tiers.default
        counts = {
            tier: self.diagram.without(region, ignored)
            for tier, region in self.judge.given["tier"].items()
        }
        counts[default] = self.diagram.either(counts[default], ignored)
        self.judge.given["tier"] = counts

    def _freely(self, name: str, values: tuple[Any, ...], role: Role = "given") -> Values:
        """Return values that hang on nothing."""
        line = self.plane.choice(f"{role} {name}", values, role)
        return {value: line.among(self.diagram, (n,)) for n, value in enumerate(values)}

    def _within(self, name: str, work: Callable[[], T], otherwise: Callable[[], T]) -> T:
        """Do a piece of work within its budget; beyond it the other, and the name is kept."""
        self.told(name)
        self.diagram.begin()
        try:
            return work()
        except (TooLarge, RecursionError):
            self.atlas.entangled.append(name)
            self.diagram.begin()
            return otherwise()
