"""A compiled policy: one contact, profile and memory in, one decision out.

`decide` is total: whatever is in the data, a decision comes out, with its errors. It is a function
of its arguments alone, and so are the ids of nothing: time is an argument, chance a digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import islice
from typing import Any, Final

from tierlane.decision import Decision, Fault, Masked, Outcome
from tierlane.lane import Lane
from tierlane.policy.condition.scope import Free
from tierlane.policy.condition.slot import WRONG, Classifier
from tierlane.policy.deciding.evaluation import Evaluation
from tierlane.policy.deciding.itinerary import Homes, Itinerary
from tierlane.policy.deciding.layout import Layout
from tierlane.policy.deciding.line import Line
from tierlane.policy.deciding.retention import until
from tierlane.policy.deciding.rulebook import Rulebook
from tierlane.policy.deciding.sorter import Sorter
from tierlane.policy.deciding.valueset import Shared, Wide
from tierlane.policy.form.document import Count
from tierlane.policy.line.figure import NOBODY, Figures
from tierlane.scenario import ScenarioBook
from tierlane.tier import TierOrder
from tierlane.value import format_time

MEMO: Final = 131_072
"""Classes whose outcome is remembered; at about 400 bytes a key it stays below 60 MB."""

_NO_DRAWS: Final[Mapping[str, float]] = {}


@dataclass(frozen=True, slots=True)
class Needs:
    """The fields that rules read, as dotted paths below `contact`, `profile` and `memory`."""

    contact: frozenset[str]
    profile: frozenset[str]
    memory: frozenset[str]


@dataclass(slots=True)
class Revision:
    """One immutable version of a policy, named by the digest of its document."""

    name: str
    hash: str
    needs: Needs
    tiers: TierOrder
    scenarios: ScenarioBook
    lanes: tuple[Lane, ...]
    fallback: str
    layout: Layout
    sort: Sorter
    classifiers: tuple[Classifier, ...]
    free: tuple[Free, ...]
    wide: tuple[Wide, ...]
    shared: tuple[Shared, ...]
    rules: Rulebook
    lines: tuple[Line, ...]
    """The desks, ready to be run."""
    counts: tuple[Count, ...]
    """What intake counts per customer."""
    joins: int | None
    """Milliseconds within which contacts of a customer on two channels are one; None keeps them."""
    memo: dict[tuple[Any, ...], Outcome]
    remember: bool = True
    """Whether decisions are remembered by class; it changes no decision, only its cost."""

    @property
    def masked(self) -> frozenset[str]:
        """The fields that the policy masks, of those that rules read."""
        composer = self.rules.composer
        told = zip(composer.paths, composer.shown, strict=True)
        return frozenset(path for path, how in told if how not in ("", "plain", "time"))

    def decide(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
        draws: Mapping[str, float] = _NO_DRAWS,
        *,
        figures: Figures = NOBODY,
    ) -> Decision:
        """Decide a contact: `contact` is the data of its arrival, `now` the event's time in ms.

        `draws` stands in for the digest by which `shares` are drawn, by the name of the fact.
        `figures` are what the desks know; without them lanes are empty and nobody is free.
        """
        try:
            return self._decide(contact, profile, memory, now, draws, figures=figures)
        except Exception as error:  # noqa: BLE001 # a contact is never dropped, whatever went wrong
            return self.fall_back(contact, now, Fault("internal", "decide", type(error).__name__))

    def outcome(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
    ) -> tuple[Outcome, str | None]:
        """Return what a contact is decided to be and the advisor named; arguments as of `decide`.

        It leaves out what an audit record needs beside, which is a third of the time.
        """
        try:
            values, outcome, _, _ = self._class(
                contact, profile, memory, now, _NO_DRAWS, figures=NOBODY
            )
        except Exception:  # noqa: BLE001 # as `decide` does
            decision = self.decide(contact, profile, memory, now)
            return decision.outcome, decision.advisor
        return outcome, None if outcome.advisor_slot < 0 else values[outcome.advisor_slot]

    def itinerary(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
        draws: Mapping[str, float] = _NO_DRAWS,
        *,
        arrived: int,
        homes: Homes | None = None,
    ) -> Itinerary:
        """Return what a desk must know of a contact, beside its decision; arguments as of `decide`.

        `arrived` is the moment in ms from which its age is reckoned. `homes` gives the home desks
        of advisors; without it those that steps name are taken to be at the desk of the step's
        lane. Raises only by a fault of our own.
        """
        values, classes = self._sorted(contact, profile, memory, now)
        if self.free or self.wide or self.shared:
            classes += self._beforehand(contact, values, draws)[0]
        evaluation = Evaluation(self.rules.paths, self.rules.types, values, classes)
        return self.rules.itinerary(evaluation, self.lanes, self.lines, arrived, homes)

    def fall_back(self, contact: Mapping[str, Any], now: int, fault: Fault) -> Decision:
        """Return the policy's fallback without asking any rule, with the fault that led to it."""
        del contact, now
        outcome = self.rules.last_resort(fault)
        return Decision(outcome, self.name, self.hash, None, {}, {}, {}, _NO_DRAWS, ())

    def _decide(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
        draws: Mapping[str, float],
        *,
        figures: Figures,
    ) -> Decision:
        values, outcome, rows, draws = self._class(
            contact, profile, memory, now, draws, figures=figures
        )
        inputs = {path: v for path, index in outcome.used if (v := values[index]) is not None}
        for path, index in outcome.times:
            if values[index] is not None:
                inputs[path] = format_time(values[index])
        slot = outcome.advisor_slot
        return Decision(
            outcome,
            self.name,
            self.hash,
            None if slot < 0 else values[slot],
            inputs,
            {
                path: Masked(how, v)
                for path, index, how in outcome.masked
                if (v := values[index]) is not None
            },
            self._serve(outcome, values, now) if outcome.carry or outcome.kept else outcome.serve,
            draws,
            rows,
        )

    def _class(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
        draws: Mapping[str, float],
        *,
        figures: Figures,
    ) -> tuple[list[Any], Outcome, tuple[str, ...], Mapping[str, float]]:
        """Return the values read, what every contact of their class is decided to be, and draws."""
        try:
            if self.remember:
                values, classes = self.sort(contact, profile, memory, now)
            else:
                values, classes = self._sorted(contact, profile, memory, now)
        except TypeError:  # a list or map where text was meant
            values, classes = self._sorted(contact, profile, memory, now)
        rows: tuple[str, ...] = ()
        if self.free or self.wide or self.shared:
            extra, rows, draws = self._beforehand(contact, values, draws)
            classes += extra
        outcome = self.memo.get(classes) if figures is NOBODY else None
        if outcome is None:
            outcome = self._evaluate(values, classes, figures)
        return values, outcome, rows, draws

    def _sorted(
        self,
        contact: Mapping[str, Any],
        profile: Mapping[str, Any] | None,
        memory: Mapping[str, Any] | None,
        now: int,
    ) -> tuple[list[Any], tuple[Any, ...]]:
        """Do what `sort` does, field by field; whatever is no text where one was meant is wrong."""
        values = self.layout.read(contact, profile, memory, now)
        return values, tuple(map(_class, self.classifiers, values))

    def _beforehand(
        self, contact: Mapping[str, Any], values: list[Any], drawn: Mapping[str, float]
    ) -> tuple[tuple[Any, ...], tuple[str, ...], Mapping[str, float]]:
        """Answer what no class stands for: free atoms, wide tables, draws."""
        extra: list[Any] = [self.rules.answer(atom, values) for atom in self.free]
        if not (self.wide or self.shared):
            return tuple(extra), (), _NO_DRAWS
        rows = []
        for table in self.wide:
            number = table.row(values)
            extra.append(table.cells.rows[number][0] if number >= 0 else None)
            if number >= 0:
                rows.append(table.cells.rows[number][1])
        if not self.shared:
            return tuple(extra), tuple(rows), _NO_DRAWS
        draws = {}
        for shared in self.shared:
            fact = shared.name.partition("/")[2]
            draw = drawn.get(fact, -1.0)
            draws[fact] = draw if draw >= 0 else _draw(shared.salt, contact.get("contact_id"))
            extra.append(shared.part(draws[fact]))
        return tuple(extra), tuple(rows), draws

    def _evaluate(self, values: list[Any], classes: tuple[Any, ...], figures: Figures) -> Outcome:
        evaluation = Evaluation(self.rules.paths, self.rules.types, values, classes)
        remember = self.remember and figures is NOBODY
        outcome = self.rules.decide(evaluation, remember=remember, figures=figures)
        if remember:
            if len(self.memo) >= MEMO:
                for oldest in list(islice(self.memo, MEMO // 8)):
                    del self.memo[oldest]
            self.memo[classes] = outcome
        return outcome

    def _serve(self, outcome: Outcome, values: list[Any], now: int) -> dict[str, Any]:
        serve = dict(outcome.serve)
        for key, slot in outcome.carry:
            value = values[slot]
            if value is not None and self.classifiers[slot](value) != WRONG:
                serve[key] = value
        if outcome.kept:
            serve["retain_until"] = format_time(until(now, *outcome.kept))
        return serve

    def brief(self) -> "Revision":
        """Return the same revision whose outcomes carry no encoded evidence, half of their size.

        For asking what many contacts are decided to be, where nothing is audited.
        """
        return replace(self, rules=self.rules.brief(), memo={})

    def without_memo(self) -> "Revision":
        """Return the same revision that remembers nothing; for tests and measuring."""
        return replace(self, remember=False, memo={})


def _class(classify: Classifier, value: Any) -> Any:
    try:
        return classify(value)
    except TypeError:
        return WRONG


def _draw(salt: str, contact_id: object) -> float:
    """Return a number from 0 to 100 that is always the same for a contact and a salt."""
    text = f"{salt}\0{contact_id}".encode("utf-8", "surrogatepass")
    number = int.from_bytes(blake2b(text, digest_size=8).digest(), "big")
    return round(number / 2**64 * 100, 6)
