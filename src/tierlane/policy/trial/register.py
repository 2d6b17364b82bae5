"""The names a policy states, and whether the names in a case are among them."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from tierlane.policy.form.case import MAPS, Case, Expected, Given, Moment, Stated, Timeline
from tierlane.policy.form.document import Document, Shares
from tierlane.policy.form.field import COUNTS, KNOWN, OPEN
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.form.row import rows
from tierlane.policy.reading.shape import near

_BOUND: Final = ("floors/", "compliance/")
"""Reasons for passing a step over that are rows."""
_WITHOUT: Final = "fallback"
"""Stands as the plan of a contact that could not be decided."""


def check_cases(
    cases: Iterable[Case | Timeline], document: Document, report: Report, *, to_run: bool = False
) -> None:
    """Report the names in cases that the policy does not state.

    Of cases `to_run` what is expected is left out: a name there is no more than a difference.
    """
    register = _Register(document, report, to_run)
    for one in cases:
        if isinstance(one, Case):
            register.single(one)
        else:
            register.timeline(one)


@dataclass
class _Register:
    document: Document
    report: Report
    to_run: bool

    @cached_property
    def _names(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Per key of `expect` the code and the names there are."""
        document = self.document
        tiers = frozenset(document.tiers.order)
        written = document.scenarios
        scenarios = frozenset({written.default, *(str(row.then) for row in written.rules)})
        return {
            "tier": ("unknown_tier", tiers),
            "earned_tier": ("unknown_tier", tiers),
            "scenario": ("unknown_scenario", scenarios),
            "plan": ("unknown_row", frozenset({_WITHOUT, *(one.name for one in document.plans)})),
            "lane": ("unknown_lane", frozenset(lane.name for lane, _ in document.lanes)),
            "desk": ("unknown_desk", frozenset(one.name for one in document.desks)),
        }

    @cached_property
    def _rows(self) -> frozenset[str]:
        return frozenset(one.name for one in rows(self.document))

    @cached_property
    def _sets(self) -> frozenset[str]:
        """The tables and ladders, which are missed as a whole."""
        facts = (f"facts/{one.name}" for one in self.document.facts)
        return frozenset((*facts, *(f"tiers/{one.name}" for one in self.document.tiers.sets)))

    @cached_property
    def _fields(self) -> frozenset[str]:
        counts = (f"{COUNTS}{one.name}" for one in self.document.memory.counts)
        return frozenset((*KNOWN, *counts, *(path for path, _ in self.document.fields)))

    # ------------------------------------------------------------------ cases

    def single(self, case: Case) -> None:
        """Check a case about one contact."""
        self._given(case.given)
        drawn = {one.name for one in self.document.facts if isinstance(one.body, Shares)}
        for one, _ in case.draws:
            self._among(one, "unknown_name", "fact that is drawn", drawn)
        budgets = frozenset(one.name for one in self.document.budgets)
        figured = budgets | self._names["lane"][1] | self._names["desk"][1]
        for stated, _ in case.desk:
            self._among(stated, "unknown_lane", "lane, desk or budget", figured)
        if not self.to_run:
            self._expected(case.expect)

    def timeline(self, case: Timeline) -> None:
        """Check a timeline, up to where another policy takes over."""
        for _, given in case.contacts:
            self._given(given)
        for advisor in case.advisors:
            if isinstance(advisor.duty, Stated):
                duties = {duty.name for desk in self.document.desks for duty in desk.duties}
                self._among(advisor.duty, "unknown_in_case", "duty", duties)
            for duty in advisor.duty if isinstance(advisor.duty, tuple) else ():
                self._lane(duty.lane)
        for one in case.moments:
            if one.publish is not None:
                return
            self._moment(one)

    def _moment(self, one: Moment) -> None:
        for _, given in one.updates:
            self._given(given)
        for order in one.orders:
            if order.what in ("close", "open"):
                self._lane(order.target)
            if order.to is not None:
                self._lane(order.to)
            if order.what in ("halt", "resume"):
                code, known = self._names["desk"]
                self._among(order.target, code, "desk", known)
        for _, expect in one.expect:
            self._expected(expect)
        for desk in one.desk:
            if desk.key == "order":
                for lane, place in zip(desk.value, desk.parts, strict=True):
                    self._lane(Stated(lane, place))

    # ------------------------------------------------------------------ parts

    def _given(self, given: Given) -> None:
        for one in given.fields:
            if one.name not in self._fields and one.name.startswith(COUNTS):
                hint = near(one.name, self._alike(one.name)) or "state it under `memory`"
                self.report.error("unknown_field", one.place, f"no field `{one.name}`", hint)
            elif one.name not in self._fields and one.name.startswith(OPEN):
                kind = "number" if one.name.startswith("profile.") else "text"
                hint = near(one.name, self._alike(one.name)) or (
                    f"declare it: `fields: {{{one.name}: {kind}}}`"
                )
                self.report.error("unknown_field", one.place, f"no field `{one.name}`", hint)

    def _alike(self, path: str) -> list[str]:
        root = path.rpartition(".")[0]
        return [one for one in self._fields if one.startswith(f"{root}.")]

    def _expected(self, expect: Iterable[Expected]) -> None:
        for one in expect:
            if one.key in self._names:
                code, known = self._names[one.key]
                what = one.key.replace("_", " ")
                self._among(Stated(str(one.value), one.place), code, what, known)
            elif one.key.startswith("fact."):
                facts = {fact.name for fact in self.document.facts}
                self._among(Stated(one.key[5:], one.place), "unknown_name", "fact", facts)
            elif one.key == "entries":
                for lane, place in _pairs(one):
                    self._lane(Stated(str(lane), place))
            elif one.key in ("because", "missed", "passed_over"):
                self._reasons(one)
            elif one.key == "step":
                self._step(one, {other.key: other.value for other in expect})

    def _reasons(self, one: Expected) -> None:
        known = self._rows | self._sets if one.key == "missed" else self._rows
        for key, place in _pairs(one):
            row = str(one.value[key] if one.key == "passed_over" else key)
            if one.key != "passed_over" or row.startswith(_BOUND):
                self._among(Stated(row, place), "unknown_row", "row", known)

    def _step(self, one: Expected, expect: dict[str, Any]) -> None:
        for plan in self.document.plans:
            beyond = isinstance(one.value, int) and one.value > len(plan.steps)
            if plan.name == expect.get("plan") and beyond:
                message = f"plan `{plan.name}` has no step `{one.value}`"
                hint = f"its last step is {len(plan.steps)}"
                self.report.error("unknown_row", one.place, message, hint)

    def _lane(self, one: Stated) -> None:
        code, known = self._names["lane"]
        self._among(one, code, "lane", known)

    def _among(self, one: Stated, code: str, what: str, known: Iterable[str]) -> None:
        if one.name not in known:
            self.report.error(code, one.place, f"no {what} `{one.name}`", near(one.name, known))


def _pairs(one: Expected) -> Iterable[tuple[Any, Place]]:
    """Return the items or keys of an expected value with their places."""
    if not isinstance(one.value, dict if one.key in MAPS else list):
        return ()  # reported where it is read
    return zip(one.value, one.parts, strict=False)
