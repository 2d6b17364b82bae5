"""`policy check`: what is wrong or doubtful in a document beyond what stops it from compiling."""

import re
from collections.abc import Iterable
from typing import Final

from tierlane.lane import Compliance
from tierlane.policy import hours
from tierlane.policy.bound import check_bounds
from tierlane.policy.chain import Find, nowhere
from tierlane.policy.compile import compile_document, known_fields
from tierlane.policy.document import Document, Rule, Rules, Written
from tierlane.policy.field import COUNTS
from tierlane.policy.finding import Finding, Place, PolicyError, Report
from tierlane.policy.obligation import joined
from tierlane.policy.reader import read_document
from tierlane.policy.register import check_cases
from tierlane.policy.staff import check_staff
from tierlane.policy.structure import check_plans

_ASKED: Final = re.compile(rb"fact\.(\w+)")
_STRONGEST = 10**6
"""An identity that no policy asks more of."""


def check(text: str | bytes, source: str, find: Find = nowhere) -> tuple[Finding, ...]:
    """Return everything found in a policy and what it extends, by place; raises nothing."""
    report = Report()
    try:
        document = read_document(text, source, report, find)
    except PolicyError as error:
        return error.findings
    compile_document(document, report)
    check_cases(document.cases, document, report)
    if not report.errors:
        _Check(document, report).run()
    return tuple(sorted(set(report.findings), key=lambda found: (found.place, found.code)))


class _Check:
    """Looks at a document that compiles."""

    def __init__(self, document: Document, report: Report) -> None:
        self.document, self.report = document, report
        self.lanes = {lane.name: lane for lane, _ in document.lanes}

    def run(self) -> None:
        """Run every look."""
        for name, rows in self._lists():
            self._shadowed(name, rows)
        self._plans_shadowed()
        check_plans(self.document, self.report)
        check_staff(self.document, known_fields(self.document, Report()), self.report)
        check_bounds(self.document, self.report)
        self._unreached_lanes()
        self._marks()
        self._fallback()
        self._facts()
        self._counts()
        hours.check(self.document, self.report)
        if not self.document.cases:
            hint = "cases are the proof that a change keeps what it must"
            self.report.warn("no_cases", self.document.place, "the policy has no cases", hint)

    def _lists(self) -> Iterable[tuple[str, tuple[Rule, ...]]]:
        document = self.document
        for one in (*document.facts, *document.tiers.sets):
            if isinstance(one.body, Rules):
                yield one.name, one.body.rows
        yield "scenarios", document.scenarios.rules
        yield "promises", document.promises[1]
        yield "priorities", document.priorities[1]

    def _shadowed(self, name: str, rows: tuple[Rule, ...]) -> None:
        self._shadows(name, [(row.name, row.when, row.place) for row in rows])

    def _plans_shadowed(self) -> None:
        self._shadows("plans", [(one.name, one.when, one.place) for one in self.document.plans])

    def _shadows(self, name: str, rows: list[tuple[str, Written | None, Place]]) -> None:
        """Report rows behind one that always holds, or that has the same condition."""
        seen: dict[str, tuple[str, Place]] = {}
        always: tuple[str, Place] | None = None
        for row, when, place in rows:
            text = "" if when is None else " ".join(when.text.split())
            above = always or seen.get(text)
            if above is not None:
                message = f"`{row}` of `{name}` is never reached: `{above[0]}` takes its contacts"
                self.report.warn("shadowed", place, message, f"see {above[1].beside(place)}")
            if text in ("", "true"):
                always = always or (row, place)
            seen.setdefault(text, (row, place))

    def _unreached_lanes(self) -> None:
        used = {step.lane.text for plan in self.document.plans for step in plan.steps if step.lane}
        for lane, place in self.document.lanes:
            if lane.name not in used and lane.name != self.document.fallback.text:
                self.report.warn("lane_unreached", place, f"no plan leads to lane `{lane.name}`")
        served = {lane.desk for lane, _ in self.document.lanes}
        for desk in self.document.desks:
            if desk.name not in served:
                self.report.warn("desk_unused", desk.place, f"desk `{desk.name}` has no lane")

    def _marks(self) -> None:
        for rule in self.document.compliance:
            if not any(lane.keeps(_one(rule), _STRONGEST) for lane in self.lanes.values()):
                message = f"no lane keeps `compliance/{rule.name}`"
                self.report.error("mark_not_kept", rule.place, message)

    def _fallback(self) -> None:
        """Report floors and marks that the fallback lane itself would break."""
        lane, place = self.lanes[self.document.fallback.text], self.document.fallback.place
        for rule in self.document.floors:
            if lane.kind in rule.then.never:
                message = (
                    f"the fallback `{lane.name}` is {lane.kind}, `floors/{rule.name}` forbids it"
                )
                self.report.error("fallback_breaks_floor", place, message)
        for rule in self.document.compliance:
            if not lane.keeps(_one(rule), _STRONGEST):
                message = f"the fallback `{lane.name}` does not keep `compliance/{rule.name}`"
                hint = "a contact that no step may take would go there all the same"
                self.report.warn("fallback_breaks_mark", place, message, hint)

    def _counts(self) -> None:
        for count in self.document.memory.counts:
            if f"{COUNTS}{count.name}".encode() not in self.document.canonical:
                message = f"nothing asks for `{COUNTS}{count.name}`"
                self.report.warn("unused_count", count.place, message)

    def _facts(self) -> None:
        asked = set(_ASKED.findall(self.document.canonical))
        for fact in self.document.facts:
            if fact.name.encode() not in asked:
                self.report.warn("unused_fact", fact.place, f"nothing asks for `fact.{fact.name}`")


def _one(rule: Rule) -> Compliance:
    return joined(((f"compliance/{rule.name}", rule.then),))
