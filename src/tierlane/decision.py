"""Decisions: the chosen plan and lane of one contact, with reasons and errors.

An `Outcome` is what all contacts of one equivalence class share and is made once per class; a
`Decision` adds what is the contact's own. Both are values: two equal inputs give equal decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

from tierlane.calendar import Span

FALLBACK: Final = "fallback"
"""Stands as the step where no step was eligible or deciding failed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something a decision could not use; it names a place, never a content."""

    code: str
    """`wrong_type`, `unknown_value`, `missing_profile`, `condition` or `internal`."""
    place: str
    """The field (`contact.channel`) or the row (`scenarios/return in time`)."""
    detail: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return it as the audit record writes it."""
        plain = {"error": self.code, "at": self.place}
        return {**plain, "detail": self.detail} if self.detail else plain


class Missed(NamedTuple):
    """A row that was tried and did not hold."""

    of: str
    """The set: `scenarios`, `facts/upset`."""
    number: int
    """The row counted from 1; 0 for a table or ladder as a whole."""
    name: str
    why: str
    """The first term that was not true, or `missing FIELD`."""
    about: str
    """The same in short: the field alone where the term compares one with constants."""

    @property
    def row(self) -> str:
        """The row as evidence and cases name it: `scenarios/return in time`."""
        return f"{self.of}/{self.name}" if self.number else self.of


@dataclass(frozen=True, slots=True)
class Promise:
    """Times promised after arrival, in milliseconds; None promises nothing."""

    answer: int | None = None
    start: int | None = None
    resolve: int | None = None
    working: tuple[tuple[str, Span], ...] = ()
    """`answer`, `start` or `resolve` and working time that binds beside the elapsed one."""

    def bounds(self, key: str) -> tuple[Span, ...]:
        """Return what binds `answer`, `start` or `resolve`; nothing promises nothing."""
        elapsed = getattr(self, key)
        spans = () if elapsed is None else (Span(elapsed),)
        return spans + tuple(span for what, span in self.working if what == key)

    def due(self, key: str, since: int) -> int | None:
        """Return the moment by which it is due: the earliest of what binds.

        None if nothing does, or its working time does not come within ten years.
        """
        if not self.working:
            elapsed: int | None = getattr(self, key)
            return None if elapsed is None else since + elapsed
        moments = [span.after(since) for span in self.bounds(key)]
        return min((one for one in moments if one is not None), default=None)


@dataclass(frozen=True, slots=True)
class Priority:
    """A starting priority and how it grows: `by` for each `every` ms of age, at most `to`."""

    start: float = 0
    by: float = 0
    every: int = 0
    to: float | None = None
    credit: int = 0
    """Milliseconds counted as waited already."""


class Outcome(NamedTuple):
    """What every contact of one equivalence class is decided to be."""

    tier: str
    earned_tier: str
    tier_rule: str
    """The row that gave the earned tier: `tiers/spend/20000`, `tiers/keep` or `tiers/default`."""
    tier_earned: bool
    """Whether a set gave it now; memory of the tier held is renewed only then."""
    scenario: str
    scenario_rule: str
    plan: str
    plan_rule: str
    step: int | str
    """The step from 1, or `fallback`."""
    lane: str
    kind: str
    desk: str
    priority: Priority
    promise: Promise
    serve: Mapping[str, Any]
    """What the lane entry tells who serves, the same for the whole class."""
    facts: tuple[tuple[str, object], ...] = ()
    because: tuple[str, ...] = ()
    """The rows that held, in the order of evaluation."""
    tried: tuple[tuple[Missed, ...], ...] = ()
    """Per set the rows tried that did not hold."""
    passed_over: tuple[tuple[int | str, str, str], ...] = ()
    """Step, lane and reason of every step that was not eligible; `PLAN/STEP` where a plan handed
    over before it."""
    errors: tuple[Fault, ...] = ()
    carry: tuple[tuple[str, int], ...] = ()
    """Key of `serve` and slot of the contact's own value."""
    kept: tuple[int, int] | tuple[()] = ()
    """How long the record is kept: years and milliseconds; empty asks for nothing."""
    counted: tuple[str, ...] = ()
    """The counts of `memory` towards which the contact will count."""
    advisor_slot: int = -1
    """The slot that names the advisor of the step, or -1."""
    used: tuple[tuple[str, int], ...] = ()
    """Path and slot of every field that the rules tried have read; a null is left out later."""
    times: tuple[tuple[str, int], ...] = ()
    """The same for times, whose values are milliseconds and are shown as ISO 8601."""
    masked: tuple[tuple[str, int, str], ...] = ()
    """Path, slot and mask of those that leave a receipt only."""
    evidence: bytes = b""
    """The class's part of the audit record: members of a JSON object without its braces, the
    last being `because`, whose list is left open for the contact's own rows."""
    left_out: int = 0
    """Rows that the evidence has no room for."""
    terms: int = 0
    """A checksum of what the lane entry promises: equal in two revisions that promise the same."""
    entry: bytes = b""
    """The class's part of the lane entry, without braces: lane, kind, desk, tier, scenario,
    priority, step, policy."""

    @property
    def missed(self) -> tuple[Missed, ...]:
        """The rows tried that did not hold, in the order of evaluation."""
        return tuple(chain.from_iterable(self.tried))


class Masked(NamedTuple):
    """A value that must not be shown, and what may be said of it."""

    how: str
    """`drop`, `hash`, `last 4` or `year`."""
    value: object

    def __repr__(self) -> str:
        """Say how it is masked, not what it is."""
        return f"Masked({self.how!r})"


class Decision(NamedTuple):
    """One contact's decision."""

    outcome: Outcome
    policy: str
    revision: str
    advisor: str | None
    """The advisor named by the step of a dedicated lane."""
    inputs: dict[str, object]
    """Path → value of the fields read, nulls left out; those that may be shown."""
    masked: dict[str, Masked]
    """The masked fields read, by path; they leave only as receipts (`tierlane.audit.mask`)."""
    serve: Mapping[str, Any]
    """What the lane entry tells who serves: script, manner, preferences, retain_until …"""
    draws: Mapping[str, float]
    """Fact → the number from 0 to 100 by which its share was drawn."""
    rows: tuple[str, ...]
    """Rows of tables too wide to be part of the class; they belong to `because`."""

    @property
    def errors(self) -> tuple[Fault, ...]:
        """What could not be used; the decision stands all the same."""
        return self.outcome.errors

    @property
    def because(self) -> tuple[str, ...]:
        """The rows that held."""
        return self.outcome.because + self.rows

    def __repr__(self) -> str:
        """Name the class of the decision; values of the contact stay out of logs."""
        return f"Decision({self.outcome.plan!r}, {self.outcome.lane!r}, {self.outcome.tier!r})"
