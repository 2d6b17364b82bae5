"""Tries cases: decides each and compares what comes with what is expected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tierlane.calendar import Span
from tierlane.decision import Decision, Outcome, Priority, Promise
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import LISTS, TIMES, Case, Expected, Timeline
from tierlane.policy.form.document import word
from tierlane.policy.form.finding import Place
from tierlane.policy.line.figure import figures_of
from tierlane.policy.reading.shape import WORKING, duration_ms
from tierlane.value import format_time, parse_time

NEEDS_DESK: Final = "it takes a desk that waits and offers, which this does not run"
"""Why a timeline is not run by what knows no desk; `tierlane.replay.timeline` runs it."""

_UNITS: Final = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s"), (1, "ms"))

_STATED: Final = ("missing_profile", "unknown_customer")
"""A case says by `profile: null` that the customer is unknown, so these are no surprise."""

_EXACT: Final[dict[str, Callable[[Decision], Any]]] = {
    "tier": lambda decision: decision.outcome.tier,
    "earned_tier": lambda decision: decision.outcome.earned_tier,
    "scenario": lambda decision: decision.outcome.scenario,
    "plan": lambda decision: decision.outcome.plan,
    "step": lambda decision: decision.outcome.step,
    "lane": lambda decision: decision.outcome.lane,
    "kind": lambda decision: decision.outcome.kind,
    "desk": lambda decision: decision.outcome.desk,
    "priority": lambda decision: decision.outcome.priority.start,
    "score": lambda decision: _score(decision.outcome.priority),
    "advisor": lambda decision: decision.advisor,
}


class Difference(NamedTuple):
    """One thing that is not as expected; both sides as text."""

    key: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Result:
    """How one case went."""

    case: str
    place: Place
    differences: tuple[Difference, ...]
    skipped: str = ""
    """Why it was not run; empty if it was."""
    decision: Decision | None = None
    decided: tuple[tuple[Case, Decision], ...] = ()
    """Of a timeline: its contacts, each as a case of its own, and how they were decided."""
    reached: frozenset[str] = frozenset()
    """Of a timeline: the rows, lanes and steps that contacts came to on the way."""

    @property
    def passed(self) -> bool:
        """Whether it was run and all was as expected."""
        return not self.differences and not self.skipped


def run(revision: Revision, case: Case | Timeline) -> Result:
    """Decide a case and compare; a timeline is skipped, with the reason."""
    if isinstance(case, Timeline):
        return Result(case.name, case.place, (), NEEDS_DESK)
    decision = decide(revision, case)
    expect = case.expect
    if all(one.key != "errors" for one in expect):
        expect += (Expected("errors", [], case.place),)
    found = (compare(one.key, one.value, decision, case.now) for one in expect)
    differences = tuple(one for one in found if one is not None)
    return Result(case.name, case.place, differences, decision=decision)


def decide(revision: Revision, case: Case) -> Decision:
    """Decide the contact of a case."""
    given = case.given
    contact = {"contact_id": "case", **given.contact}
    draws = {fact.name: draw for fact, draw in case.draws}
    if not case.desk:
        return revision.decide(contact, given.profile, given.memory, case.now, draws)
    stated = {one.name: values for one, values in case.desk}
    budgets = [one.name for one in revision.rules.budgets]
    figures = figures_of(stated, revision.lanes, budgets)
    return revision.decide(contact, given.profile, given.memory, case.now, draws, figures=figures)


def _score(priority: Priority) -> float:
    """Return the score on arrival: the priority, and what the credit adds."""
    if not priority.every:
        return priority.start
    score = priority.start + priority.by * (priority.credit // priority.every)
    return score if priority.to is None else max(priority.start, min(score, priority.to))


def compare(key: str, wanted: Any, decision: Decision, now: int) -> Difference | None:
    """Compare one key of `expect` with a decision about a contact that came at a moment in ms."""
    outcome = decision.outcome
    if key in _EXACT:
        return equal(key, wanted, _EXACT[key](decision))
    if key.startswith("fact."):
        return equal(key, wanted, dict(outcome.facts).get(key[5:]))
    if key in TIMES:
        return _time(key, wanted, outcome.promise, now)
    if key in LISTS:
        return _listed(key, wanted, decision)
    got = _reasons(key, decision)
    wrong = {one: value for one, value in wanted.items() if not _alike(one, value, got.get(one))}
    seen = {one: got[one] for one in wrong if one in got}
    return Difference(key, _map(wrong), _map(seen)) if wrong else None


def _listed(key: str, wanted: list[Any], decision: Decision) -> Difference | None:
    if key == "errors":
        return _errors(wanted, decision.outcome)
    if key == "entries":
        got = [decision.outcome.lane]
        return None if wanted == got else Difference(key, ", ".join(wanted), ", ".join(got))
    held = decision.because
    rows = [row for row in wanted if row not in held]
    return Difference(key, ", ".join(rows), ", ".join(held) or "none") if rows else None


def _alike(key: Any, wanted: Any, got: Any) -> bool:
    """Tell whether a part is as expected; a moment may be told with any offset."""
    if key == "retain_until" and got is not None:
        try:
            return parse_time(str(wanted)) == parse_time(got)
        except ValueError:
            return False
    return bool(wanted == got)


def _reasons(key: str, decision: Decision) -> dict[Any, Any]:
    if key == "serve":
        return dict(decision.serve)
    if key == "missed":
        return {one.row: one.why for one in decision.outcome.missed}
    return {step: reason for step, _, reason in decision.outcome.passed_over}


def equal(key: str, wanted: Any, got: Any) -> Difference | None:
    """Compare two plain values."""
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return None
    return Difference(key, word(wanted), word(got))


def _time(key: str, wanted: Any, promise: Promise, now: int) -> Difference | None:
    """Compare a promise with a time after arrival, working time as written, or a moment."""
    what = key.removesuffix("_by")
    due = promise.due(what, now)
    binding = [one for one in promise.bounds(what) if one.after(now) == due]
    shown = "null" if due is None else " = ".join(map(_length, binding))
    if wanted is None:
        return None if due is None else Difference(key, "null", shown)
    text = str(wanted)
    ms = duration_ms(text.removesuffix(WORKING))
    if ms is not None and text.endswith(WORKING):
        held = any(one.calendar is not None and one.ms == ms for one in binding)
        return None if held else Difference(key, text, shown)
    if ms is not None:
        return None if due == now + ms else Difference(key, text, shown)
    told = None if due is None else format_time(due)
    try:
        moment = format_time(parse_time(text))
    except ValueError:
        moment = text
    return None if told == moment else Difference(key, moment, told or "null")


def _length(span: Span) -> str:
    """Write a time as a policy does: by the largest unit that it is a whole number of."""
    size, unit = next(one for one in _UNITS if span.ms % one[0] == 0)
    return f"{span.ms // size}{unit}{WORKING if span.calendar else ''}"


def _errors(wanted: list[Any], outcome: Outcome) -> Difference | None:
    """Compare the errors as `code place`, or as codes alone."""
    stated = {str(one).split(" ", 1)[0] for one in wanted}
    met = [one for one in outcome.errors if one.code not in _STATED or one.code in stated]
    got = [f"{one.code} {one.place}" for one in met]
    codes = [one.code for one in met]
    listed = [str(one) for one in wanted]
    if sorted(listed) in (sorted(got), sorted(codes)):
        return None
    return Difference("errors", ", ".join(listed) or "none", ", ".join(got) or "none")


def _map(values: dict[Any, Any]) -> str:
    return ", ".join(f"{key}: {word(value)}" for key, value in values.items()) or "nothing"
