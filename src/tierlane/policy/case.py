"""Cases: examples in a policy with what is expected of them, the reasons included."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from tierlane.decision import Decision, Outcome
from tierlane.policy.document import word
from tierlane.policy.finding import Place, Report
from tierlane.policy.revision import Revision
from tierlane.policy.shape import duration_ms, near
from tierlane.value import format_time, parse_time

MOMENT: Final = "2026-01-01T00:00:00Z"
"""When a case happens that states no `now`."""

_STATED: Final = ("missing_profile", "unknown_customer")
"""A case says by `profile: null` that the customer is unknown, so these are no surprise."""

_PLAIN: Final[dict[str, Callable[[Decision], Any]]] = {
    "tier": lambda decision: decision.outcome.tier,
    "earned_tier": lambda decision: decision.outcome.earned_tier,
    "scenario": lambda decision: decision.outcome.scenario,
    "plan": lambda decision: decision.outcome.plan,
    "step": lambda decision: decision.outcome.step,
    "lane": lambda decision: decision.outcome.lane,
    "kind": lambda decision: decision.outcome.kind,
    "desk": lambda decision: decision.outcome.desk,
    "priority": lambda decision: decision.outcome.priority.start,
    "advisor": lambda decision: decision.advisor,
}
_TIMES: Final = {"answer_by": "answer", "start_by": "start", "resolve_by": "resolve"}
_SUBSETS: Final = ("because", "serve", "missed", "passed_over", "errors")
EXPECTED: Final = (*_PLAIN, *_TIMES, *_SUBSETS)
"""What `expect` may state, besides `fact.NAME`."""


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

    @property
    def passed(self) -> bool:
        """Whether all was as expected."""
        return not self.differences


def run(revision: Revision, case: dict[str, Any], place: Place) -> Result:
    """Decide a case and compare; the case must have passed `check`."""
    now = _moment(case)
    contact = {"contact_id": "case", **case["contact"]}
    decision = revision.decide(
        contact, case.get("profile"), _memory(case), now, case.get("draws") or {}
    )
    expect: dict[str, Any] = {"errors": [], **case["expect"]}
    found = [_compare(key, wanted, decision, now) for key, wanted in expect.items()]
    return Result(str(case["case"]), place, tuple(one for one in found if one is not None))


def check(case: dict[str, Any], place: Place, report: Report) -> None:
    """Report what is wrong with a case itself."""
    name = case.get("case")
    for key in ("contact", "expect", "profile", "memory", "draws"):
        if not isinstance(case.get(key) or {}, dict):
            report.error("wrong_type", place, f"`{key}` of case `{name}` must be a map")
    for key in case["expect"] if isinstance(case.get("expect"), dict) else ():
        if key not in EXPECTED and not str(key).startswith("fact."):
            hint = near(str(key), EXPECTED)
            report.error("unknown_key", place, f"case `{name}` expects an unknown `{key}`", hint)
    try:
        _moment(case)
    except (ValueError, TypeError):
        hint = f"such as `{MOMENT}`"
        report.error("wrong_type", place, f"`now` of case `{name}` is no time with an offset", hint)


def _moment(case: dict[str, Any]) -> int:
    return parse_time(case.get("now") or MOMENT)


def _memory(case: dict[str, Any]) -> dict[str, Any] | None:
    memory: dict[str, Any] | None = case.get("memory")
    if memory is not None and isinstance(memory.get("tier"), str):
        return {**memory, "tier": {"name": memory["tier"], "earned_at": None}}
    return memory


def _compare(key: str, wanted: Any, decision: Decision, now: int) -> Difference | None:
    outcome = decision.outcome
    if key in _PLAIN:
        return _equal(key, wanted, _PLAIN[key](decision))
    if key.startswith("fact."):
        return _equal(key, wanted, dict(outcome.facts).get(key[5:]))
    if key in _TIMES:
        return _time(key, wanted, getattr(outcome.promise, _TIMES[key]), now)
    if key == "because":
        held = decision.because
        rows = [row for row in wanted if row not in held]
        return Difference(key, ", ".join(rows), ", ".join(held)) if rows else None
    if key == "errors":
        return _errors(wanted, outcome)
    got = _reasons(key, decision)
    wrong = {one: value for one, value in wanted.items() if got.get(one) != value}
    seen = {one: got[one] for one in wrong if one in got}
    return Difference(key, _map(wrong), _map(seen)) if wrong else None


def _reasons(key: str, decision: Decision) -> dict[Any, Any]:
    if key == "serve":
        return dict(decision.serve)
    if key == "missed":
        return {one.row: one.why for one in decision.outcome.missed}
    return {step: reason for step, _, reason in decision.outcome.passed_over}


def _equal(key: str, wanted: Any, got: Any) -> Difference | None:
    if wanted == got and isinstance(wanted, bool) == isinstance(got, bool):
        return None
    return Difference(key, word(wanted), word(got))


def _time(key: str, wanted: Any, got: int | None, now: int) -> Difference | None:
    """Compare a promise with a duration after arrival, or with a moment."""
    shown = "null" if got is None else f"{got / 1000:g}s"
    if wanted is None:
        return None if got is None else Difference(key, "null", shown)
    after = duration_ms(str(wanted))
    if after is not None:
        return None if after == got else Difference(key, str(wanted), shown)
    due = None if got is None else format_time(now + got)
    try:
        moment = format_time(parse_time(str(wanted)))
    except ValueError:
        moment = str(wanted)
    return None if due == moment else Difference(key, moment, due or "null")


def _errors(wanted: list[Any], outcome: Outcome) -> Difference | None:
    """Compare the errors as `code place`, or as codes alone."""
    stated = {str(one).split(" ", 1)[0] for one in wanted}
    met = [one for one in outcome.errors if one.code not in _STATED or one.code in stated]
    got = [f"{one.code} {one.place}" for one in met]
    codes = [one.code for one in met]
    listed = [str(one) for one in wanted]
    same = sorted(listed) in (sorted(got), sorted(codes))
    return (
        None
        if same
        else Difference("errors", ", ".join(listed) or "none", ", ".join(got) or "none")
    )


def _map(values: dict[Any, Any]) -> str:
    return ", ".join(f"{key}: {word(value)}" for key, value in values.items()) or "nothing"
