"""Compares what a row of a timeline expects with how the desks stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tierlane.decision import Decision
from tierlane.policy.deciding.itinerary import Leg
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import COURSE, SPANS, Expected, Timeline
from tierlane.policy.form.document import word
from tierlane.policy.line.ordering import score
from tierlane.policy.line.want import fit
from tierlane.policy.reading.shape import duration_ms
from tierlane.policy.trial.trying import Difference, compare, equal
from tierlane.replay.timeline.course import Followed
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.managed import ManagedDesk

PLACES = 3
"""Decimals of a fit that are compared."""


class Desks(Protocol):
    """How contacts and desks stand, and what happened."""

    @property
    def revision(self) -> Revision:
        """By which the desks are run."""

    @property
    def desks(self) -> Mapping[str, ManagedDesk]:
        """The desks by name."""

    @property
    def seats(self) -> Mapping[str, str]:
        """The desk of each advisor who is there."""

    @property
    def changes(self) -> Sequence[Change]:
        """All that happened so far."""

    @property
    def followed(self) -> Mapping[str, Followed]:
        """The contacts by name."""

    def of(self, name: str) -> Followed:
        """Return a contact, or the one that it joined."""


@dataclass(slots=True)
class Comparing:
    """Compares at one moment; `begun` is the number of changes before its offers were made."""

    course: Desks
    now: int
    begun: int

    # ------------------------------------------------------------------ a contact

    def contact(self, name: str, expect: Sequence[Expected]) -> list[Difference]:
        """Return what is not as expected of a contact."""
        followed = self.course.of(name)
        decision = self._decision(followed)
        found = (self._of_contact(one, followed, decision) for one in expect)
        return [one._replace(key=f"{name}.{one.key}") for one in found if one is not None]

    def _of_contact(
        self, one: Expected, followed: Followed, decision: Decision
    ) -> Difference | None:
        if one.key == "score":
            age = self.now - followed.arrived
            return equal(one.key, one.value, score(decision.outcome.priority, age))
        if one.key == "entries":
            got = list(followed.standing.entries)
            shown = Difference(one.key, ", ".join(map(str, one.value)), ", ".join(got) or "none")
            return None if list(one.value) == got else shown
        if one.key in SPANS:
            return self._span(one, followed)
        if one.key in COURSE:
            return equal(one.key, one.value, self._course(one.key, followed))
        return compare(one.key, one.value, decision, followed.arrived)

    def _span(self, one: Expected, followed: Followed) -> Difference | None:
        """Compare a time, both sides as text in seconds."""
        wanted = None if one.value is None else duration_ms(str(one.value))
        if one.key == "expected_wait":
            found = self.course.desks[followed.desk].prospect(followed.name, self.now)
            got = None if found is None else found.wait
        else:
            changes = [change for change in self.course.changes if change.kind == one.key]
            over = [change.over for change in changes if change.contact_id == followed.name]
            got = max(over, default=None)
        return None if wanted == got else Difference(one.key, _seconds(wanted), _seconds(got))

    def _course(self, key: str, followed: Followed) -> Any:
        standing = followed.standing
        if key == "left":
            return followed.left
        if followed.left is not None:
            return None
        if key == "served_by":
            return standing.served_by or None
        if key == "offered_to":
            return ", ".join(standing.offers) or None
        line = self._order(standing.lane)
        return line.index(followed.name) + 1 if followed.name in line else None

    def _decision(self, followed: Followed) -> Decision:
        """Return the decision as the contact stands now."""
        standing, decision = followed.standing, followed.decision
        lane = next((one for one in self.course.revision.lanes if one.name == standing.lane), None)
        if lane is None:
            return decision
        outcome = decision.outcome._replace(
            plan=standing.plan,
            step=standing.step,
            lane=lane.name,
            kind=lane.kind,
            desk=lane.desk,
            priority=standing.itinerary.lifted(standing.priority),
            passed_over=standing.passed_over,
        )
        leg = standing.leg
        serve = {key: value for key, value in decision.serve.items() if key == "retain_until"}
        return decision._replace(
            outcome=outcome, advisor=leg.advisor, serve={**dict(leg.serve), **serve}
        )

    # ------------------------------------------------------------------ the desks

    def desks(self, expect: Sequence[Expected]) -> list[Difference]:
        """Return what is not as expected of the desks."""
        asked = {
            "offers": self._offers, "order": self._orders, "choose": self._choices,
            "not_offered": self._refusals, "fit": self._fits,
        }  # fmt: skip
        return [found for one in expect if (found := asked[one.key](one.value)) is not None]

    def _offers(self, wanted: Mapping[str, Any]) -> Difference | None:
        made: dict[str, list[str]] = {}
        for one in self.course.changes[self.begun :]:
            if one.kind == "offered":
                made.setdefault(one.advisor_id, []).append(one.contact_id)
        if {key: sorted(value) for key, value in made.items()} == {
            str(key): sorted(map(str, value)) for key, value in wanted.items()
        }:
            return None
        return Difference("offers", _listed(wanted), _listed(made))

    def _orders(self, wanted: Mapping[str, Any]) -> Difference | None:
        got = {str(lane): self._order(str(lane)) for lane in wanted}
        return _different("order", wanted, got)

    def _order(self, lane: str) -> list[str]:
        """Return the contacts that wait in a lane, first served first."""
        lanes = {one.name: one.desk for one in self.course.revision.lanes}
        desk = self.course.desks[lanes[lane]]
        here = []
        for _, name in desk.state.line.waiting.get(lane, ()):
            standing = desk.state.contacts[name]
            if standing.alike is not None:
                here.append(standing.waiting(standing.alike, 1))
        return [one.contact_id for one in desk.state.book.line.order.sort(here, self.now)]

    def _choices(self, wanted: Mapping[str, Any]) -> Difference | None:
        return _different("choose", wanted, {str(name): self._choice(str(name)) for name in wanted})

    def _choice(self, name: str) -> list[str]:
        """Return the advisors who may take a contact, as if it were not offered yet."""
        followed = self.course.of(name)
        desk = self.course.desks[followed.desk]
        standing = followed.standing
        able = [
            seat for seat in desk.state.seats.values()
            if not desk.asking.refusal(standing, seat, self.now, own=True)
        ]  # fmt: skip
        return [seat.id for seat in desk.asking.chosen(standing, able, self.now, own=True)]

    def _refusals(self, wanted: Mapping[str, Any]) -> Difference | None:
        got = {
            str(advisor): {str(name): self._refusal(str(advisor), str(name)) for name in reasons}
            for advisor, reasons in wanted.items()
        }
        wrong = {key: reasons for key, reasons in wanted.items() if reasons != got[str(key)]}
        if not wrong:
            return None
        return Difference("not_offered", _nested(wrong), _nested({key: got[key] for key in wrong}))

    def _refusal(self, advisor: str, name: str) -> str:
        """Return why an advisor is not offered a contact."""
        followed = self.course.of(name)
        if followed.left is not None:
            return "left"
        standing = followed.standing
        if not standing.waits():
            return "served"
        if advisor in standing.offers:
            return "offered"
        desk: ManagedDesk = self.course.desks[followed.desk]
        seat = desk.state.seats.get(advisor)
        if seat is None:
            return "lane" if advisor in self.course.seats else "off"
        reason = desk.asking.refusal(standing, seat, self.now)
        return reason or f"offered to {', '.join(standing.offers)}"

    def _fits(self, wanted: Mapping[str, Any]) -> Difference | None:
        got = {
            str(name): {str(advisor): self._fit(str(name), str(advisor)) for advisor in fits}
            for name, fits in wanted.items()
        }
        wrong = {
            key: fits for key, fits in wanted.items()
            if any(round(value, PLACES) != got[str(key)][str(one)] for one, value in fits.items())
        }  # fmt: skip
        if not wrong:
            return None
        return Difference("fit", _nested(wrong), _nested({key: got[key] for key in wrong}))

    def _fit(self, name: str, advisor: str) -> float | None:
        followed = self.course.of(name)
        seat = self.course.desks[followed.desk].state.seats.get(advisor)
        leg: Leg = followed.standing.leg
        return None if seat is None else round(fit((*leg.wants, *leg.prefer), seat.values), PLACES)


def _seconds(ms: int | None) -> str:
    return "null" if ms is None else f"{ms / 1000:g}s"


def _different(
    key: str, wanted: Mapping[str, Any], got: Mapping[str, list[str]]
) -> Difference | None:
    wrong = {one: value for one, value in wanted.items() if list(value) != got[str(one)]}
    if not wrong:
        return None
    return Difference(key, _listed(wrong), _listed({one: got[str(one)] for one in wrong}))


def _listed(values: Mapping[str, Any]) -> str:
    return (
        "; ".join(f"{key}: {' '.join(map(str, many)) or '-'}" for key, many in values.items())
        or "none"
    )


def _nested(values: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(
        f"{key}: {', '.join(f'{one}: {word(value)}' for one, value in many.items())}"
        for key, many in values.items()
    )


def unexpected(case: Timeline, course: Desks) -> list[Difference]:
    """Return errors of contacts of which no row expects any: they fail the case."""
    stated = {
        name.name
        for row in case.moments
        for name, expect in row.expect
        if any(one.key == "errors" for one in expect)
    }
    nothing = (Expected("errors", [], case.place),)
    comparing = Comparing(course, case.start, 0)
    return [
        one
        for name in course.followed
        if name not in stated
        for one in comparing.contact(name, nothing)
    ]
