"""`policy check`: what is wrong or doubtful in a document beyond what stops it from compiling."""

from tierlane.lane import Compliance
from tierlane.policy.check import hours
from tierlane.policy.check.bound import check_bounds, check_orders
from tierlane.policy.check.heap import check_heaps
from tierlane.policy.check.region.report import Told, look, quietly
from tierlane.policy.check.staff import check_staff
from tierlane.policy.check.structure import check_plans
from tierlane.policy.compiling.compile import compile_document, known_fields
from tierlane.policy.deciding.obligation import joined
from tierlane.policy.form.document import Document, Rule
from tierlane.policy.form.finding import Finding, PolicyError, Report
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.policy.reading.reader import read_document
from tierlane.policy.trial.register import check_cases

_STRONGEST = 10**6
"""An identity that no policy asks more of."""


def check(
    text: str | bytes,
    source: str,
    find: Find = nowhere,
    *,
    gaps: bool = False,
    seed: int = 0,
    told: Told = quietly,
) -> tuple[Finding, ...]:
    """Return everything found in a policy and what it extends, by place; raises nothing.

    `gaps` adds what is likely meant; `seed` draws the contacts tried where a list is too large to
    be looked through; `told` is called with the name of what is looked at next.
    """
    report = Report()
    try:
        document = read_document(text, source, report, find)
    except PolicyError as error:
        return error.findings
    revision = compile_document(document, report)
    check_cases(document.cases, document, report)
    if revision is not None and not report.errors:
        _Check(document, report).run()
        look(document, revision, report, gaps=gaps, seed=seed, told=told)
    return tuple(sorted(set(report.findings), key=lambda found: (found.place, found.code)))


class _Check:
    """Looks at a document that compiles."""

    def __init__(self, document: Document, report: Report) -> None:
        self.document, self.report = document, report
        self.lanes = {lane.name: lane for lane, _ in document.lanes}

    def run(self) -> None:
        """Run every look that needs no more than the document."""
        check_plans(self.document, self.report)
        check_staff(self.document, known_fields(self.document, Report()), self.report)
        check_bounds(self.document, self.report)
        check_orders(self.document, self.report)
        check_heaps(self.document, self.report)
        self._unused_desks()
        self._marks()
        hours.check(self.document, self.report)
        if not self.document.cases:
            hint = "cases are the proof that a change keeps what it must"
            self.report.warn("no_cases", self.document.place, "the policy has no cases", hint)

    def _unused_desks(self) -> None:
        served = {lane.desk for lane, _ in self.document.lanes}
        for desk in self.document.desks:
            if desk.name not in served:
                self.report.warn("desk_unused", desk.place, f"desk `{desk.name}` has no lane")

    def _marks(self) -> None:
        for rule in self.document.compliance:
            if not any(lane.keeps(_one(rule), _STRONGEST) for lane in self.lanes.values()):
                message = f"no lane keeps `compliance/{rule.name}`"
                self.report.error("mark_not_kept", rule.place, message)


def _one(rule: Rule) -> Compliance:
    return joined(((f"compliance/{rule.name}", rule.then),))
