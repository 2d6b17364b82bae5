"""What the check finds in plans over time: steps without an end, out of turn, or never reached.

It reckons with ages in milliseconds. A step is *sure* if every contact that comes to it enters it;
what follows on a sure step comes no earlier than that step ends.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from tierlane.calendar import Calendar
from tierlane.lane import Lane
from tierlane.policy.check.elapsed import Elapsed
from tierlane.policy.compiling.handover import handovers
from tierlane.policy.compiling.unmanaged import lanes_of, unmanaged
from tierlane.policy.deciding.obligation import joined
from tierlane.policy.form.document import Document, Plan, Step
from tierlane.policy.form.finding import Place, Report


def check_plans(document: Document, report: Report) -> None:
    """Report what is wrong with the steps of every plan."""
    look = _Look(document, report)
    for plan in document.plans:
        look.plan(plan)


@dataclass(slots=True)
class Sure:
    """Tells whether every contact that comes to a step enters it."""

    document: Document

    def __call__(self, step: Step, lane: Lane) -> bool:
        """Return whether nothing can pass the step over."""
        floors = {kind for rule in self.document.floors for kind in rule.then.never}
        marks = tuple((f"compliance/{one.name}", one.then) for one in self.document.compliance)
        asks = step.when is not None or step.who or step.skip_if is not None
        limited = lane.most_waiting is not None or lane.longest_wait is not None
        if asks or lane.channels or lane.languages or lane.identity or self.document.budgets:
            return False
        if (limited and lane.full.how != "wait") or self._closes(lane):
            return False
        return lane.kind not in floors and lane.keeps(joined(marks), 0)

    def _closes(self, lane: Lane) -> bool:
        desks = {desk.name for desk in self.document.desks if desk.calendar is not None}
        return lane.closed.how != "wait" and lane.desk in desks


class _Look:
    """One run over the plans."""

    def __init__(self, document: Document, report: Report) -> None:
        self.document, self.report = document, report
        self.lanes = {lane.name: lane for lane, _ in document.lanes}
        self.outside = unmanaged(document)
        self.sure = Sure(document)
        self.entered = entries(document)
        self.elapsed = Elapsed()

    def plan(self, plan: Plan) -> None:
        """Look at one plan."""
        self._order(plan)
        self._reached(plan)
        for step, lane in lanes_of(plan):
            if lane not in self.outside:
                self._end(plan, step)
            if step.before_answer is not None:
                self._answer(step)

    def _order(self, plan: Plan) -> None:
        """Report a step that ends by its age no later than one above it."""
        above: dict[Calendar | None, tuple[float, int]] = {}
        for number, step in enumerate(plan.steps, 1):
            until = self._latest(step)
            if until is None:
                continue
            of = _not_after(step, until, above)
            if of:
                message = f"step {number} of `{plan.name}` ends no later than step {of}"
                hint = "`until` is the contact's age, counted from its arrival; `for` is the step's"
                self.report.error("until_order", _at(step, "until"), message, hint)
                return
            least = until if step.working is None else step.working.ms
            above[None] = max(above.get(None, (0, 0)), (least, number))
            if step.working is not None:
                above[step.working.calendar] = least, number

    def _reached(self, plan: Plan) -> None:
        """Report the first step to which no contact comes, or whose time is over by then."""
        age: float = self.entered.get(plan.name, 0)
        for number, (step, name) in enumerate(lanes_of(plan), 1):
            until = self._latest(step)
            if age == inf or (_ends_never(step) and age >= (self.document.last.until or inf)):
                message = f"step {number} of `{plan.name}` is never reached"
                hint = f"every contact may enter step {number - 1}, and stays there"
                self.report.warn("step_unreached", step.place, message, hint)
                return
            if until is not None and until <= age and self._in_turn(plan, number, until):
                message = f"step {number} of `{plan.name}` is over before a contact comes to it"
                hint = f"a contact comes here at the age of {_told(age)}"
                self.report.warn("step_over", _at(step, "until"), message, hint)
                return
            lane = self.lanes[name]
            if self.sure(step, lane):
                age = min(_end(step, age), self._stays(lane))

    def _in_turn(self, plan: Plan, number: int, until: float) -> bool:
        """Tell whether the step ends later than those above it; else that is reported already."""
        above = [
            self._latest(step) if step.working is None else step.working.ms
            for step in plan.steps[: number - 1]
        ]
        return all(one is None or one < until for one in above)

    def _latest(self, step: Step) -> float | None:
        """Return the age that ends a step at the latest, None where no age does."""
        if step.working is not None:
            return self.elapsed.most(step.working)
        return _latest(step, self.document)

    def _stays(self, lane: Lane) -> float:
        last = self.document.last.until
        return inf if last is None or lane.name in self.outside else max(last, 0)

    def _end(self, plan: Plan, step: Step) -> None:
        """Report a step in which a contact may wait for ever."""
        if self.document.last.until is None and _ends_never(step):
            number = plan.steps.index(step) + 1
            message = f"step {number} of `{plan.name}` never ends"
            hint = "`finally: {until: 24h, …}` ends steps that state no end, or say `until` here"
            self.report.error("endless_plan", step.place, message, hint)

    def _answer(self, step: Step) -> None:
        promises = [self.document.promises[0], *(row.then for row in self.document.promises[1])]
        promised = [one for one in promises if one.bounds("answer")]
        place = _at(step, "until")
        if not promised:
            message = "`before answer`, and no answer is promised"
            self.report.error("no_answer", place, message, "`promises: {default: {answer: 2m}}`")
        elif len(promised) < len(promises):
            message = "`before answer`, and not every contact is promised one"
            hint = "without a promised answer the step ends as if it stated no `until`"
            self.report.warn("answer_not_always", place, message, hint)


def entries(document: Document) -> dict[str, float]:
    """Return the least age at which a contact comes to each plan: 0 unless its `when` is false.

    A plan that no contact is given at first is reached by handing over alone.
    """
    lanes = {lane.name: lane for lane, _ in document.lanes}
    sure, edges = Sure(document), handovers(document)
    closed = {one.name for one in document.plans if one.when and one.when.text.strip() == "false"}
    found: dict[str, float] = {one.name: inf if one.name in closed else 0 for one in document.plans}
    for _ in document.plans:  # handing over goes in no circle, so each round settles one plan more
        for plan in document.plans:
            for what, following in edges[plan.name]:
                at = found[plan.name]
                if what == "`finally`":
                    at = _run_out(plan, at, document, lanes, sure)
                known = found.get(following.text, 0)
                found[following.text] = min(known, at)
    return {name: 0 if age == inf else age for name, age in found.items()}


def _run_out(
    plan: Plan, age: float, document: Document, lanes: dict[str, Lane], sure: Sure
) -> float:
    """Return the least age at which a plan's steps have run out."""
    for step, name in lanes_of(plan):
        if sure(step, lanes[name]):
            last = document.last.until
            end = _end(step, age)
            age = max(age, last if end == inf and last is not None else end)
    return age


def _end(step: Step, age: float) -> float:
    """Return the least age at which a step ends that is entered at an age."""
    if step.before_answer is not None:
        return age  # a promise may be short
    until = inf if step.until is None else float(step.until)
    if step.working is not None:
        until = step.working.ms  # the least that passes meanwhile
    return max(age, min(until, age + step.lasts if step.lasts is not None else inf))


def _not_after(step: Step, until: float, above: dict[Calendar | None, tuple[float, int]]) -> int:
    """Return the number of a step above that never ends before this one; 0 where there is none.

    `above` holds the latest end and its step, by age and by the working time of each calendar.
    """
    least, of = above.get(None, (0.0, 0))
    if of and until <= least:
        return of
    if step.working is not None and step.working.calendar in above:
        worked, of = above[step.working.calendar]
        return of if step.working.ms <= worked else 0
    return 0


def _latest(step: Step, document: Document) -> int | None:
    """Return the age that ends a step at the latest, None where no age does."""
    if step.before_answer is None:
        return step.until
    rows = (document.promises[0], *(row.then for row in document.promises[1]))
    answers: list[int | None] = [one.answer for one in rows]
    known = [answer for answer in answers if answer is not None]
    return max(known) - step.before_answer if len(known) == len(answers) else None


def _ends_never(step: Step) -> bool:
    ends = (step.until, step.working, step.before_answer, step.lasts)
    return all(one is None for one in ends)


def _at(step: Step, key: str) -> Place:
    return dict(step.stated).get(key, step.place)


def _told(ms: float) -> str:
    """Return ms as a policy writes them, in the largest unit that tells them whole."""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if ms % size == 0:
            return f"{ms / size:g}{unit}"
    return f"{ms:g}ms"


def steps_of(document: Document) -> Iterator[tuple[Plan, Step, str]]:
    """Yield every step with its plan and the name of its lane."""
    for plan in document.plans:
        for step, lane in lanes_of(plan):
            yield plan, step, lane
