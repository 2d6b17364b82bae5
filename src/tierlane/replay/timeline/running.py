"""Runs a case on a timeline: each row does what it states, in the order of the language."""

from collections.abc import Mapping
from typing import Final

from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Case, Moment, Order, Timeline
from tierlane.policy.trial.trying import Difference, Result
from tierlane.replay.timeline.comparing import Comparing, unexpected
from tierlane.replay.timeline.course import Course, Followed
from tierlane.routing.waiting.event import (
    Accepted,
    Declined,
    Event,
    Finished,
    Halted,
    Ordered,
    Released,
    Reopened,
    Resumed,
    Shut,
)

NO_REVISIONS: Final[Mapping[str, Revision]] = {}


def run_timeline(
    revision: Revision, case: Timeline, published: Mapping[str, Revision] = NO_REVISIONS
) -> Result:
    """Run a timeline and compare; `published` are the policies that its rows name, by file."""
    return _Run(revision, case, published).result()


class _Run:
    def __init__(
        self, revision: Revision, case: Timeline, published: Mapping[str, Revision]
    ) -> None:
        self.case, self.published = case, published
        first = case.contacts[0][1] if case.contacts else None
        self.course = Course(revision, case.start, case.accepts_all, first)
        self.advisors = {one.name: one for one in case.advisors}
        self.given = {one.name: given for one, given in case.contacts}

    def result(self) -> Result:
        """Run the rows one after the other."""
        differences: list[Difference] = []
        for row in self.case.moments:
            at = f"at {row.at / 1000:g}s "
            found = self._row(row)
            differences += [one._replace(key=at + one.key) for one in found]
        differences += unexpected(self.case, self.course)
        contacts = self.course.followed.values()
        decided = tuple(
            (Case(one.name, self.case.place, self.given[one.name], one.arrived), one.decision)
            for one in contacts
        )
        return Result(
            self.case.name,
            self.case.place,
            tuple(differences),
            decided=decided,
            reached=self._reached(),
        )

    def _row(self, row: Moment) -> list[Difference]:
        course, now = self.course, self.case.start + row.at
        course.advance(now)
        begun = len(course.changes)
        if row.standstill:
            course.stand_still(now, ends=row.standstill == "ends")
        if row.publish is not None:
            course.publish(self.published[row.publish.name], row.in_flight, now)
        for advisor, state in row.advisors:
            course.stand(self.advisors[advisor.name], state, now)
        for advisor, listed in row.heartbeats:
            course.beat(advisor.name, [one.name for one in listed], now)
        for one in row.arrives:
            course.arrive(one.name, self.given[one.name], now)
        for one, given in row.updates:
            course.update(one.name, given, now)
        for one, how in row.leaves:
            course.leave(one.name, how, now)
        for contact, event in self._told(row):
            course.tell(course.of(contact).desk, now, event)
        for order in row.orders:
            self._order(order, now)
        course.offer(now)
        comparing = Comparing(course, now, begun)
        found = [one for name, expect in row.expect for one in comparing.contact(name.name, expect)]
        return found + comparing.desks(row.desk)

    def _told(self, row: Moment) -> list[tuple[str, Event]]:
        """Return what advisors did, with the contact it is about."""
        of = self.course.of
        told: list[tuple[str, Event]] = []
        for pairs, kind in (
            (row.accepts, Accepted), (row.declines, Declined), (row.finishes, Finished)
        ):  # fmt: skip
            told += [(name.name, kind(a.name, of(name.name).name)) for a, name in pairs]
        return told

    def _order(self, order: Order, now: int) -> None:
        course, name = self.course, order.target.name
        if order.what in ("close", "open"):
            desk = next(one.desk for one in course.revision.lanes if one.name == name)
            until = None if order.until is None else self.case.start + order.until
            course.tell(desk, now, Shut(name, until) if order.what == "close" else Reopened(name))
            return
        if order.what in ("halt", "resume"):
            course.tell(name, now, Halted() if order.what == "halt" else Resumed())
            return
        followed = course.of(name)
        event: Event = Released(followed.name)
        if order.to is not None:
            event = Ordered(followed.name, order.to.name)
        course.tell(followed.desk, now, event)

    def _reached(self) -> frozenset[str]:
        """Return the rows that held, and the lanes and steps that contacts came to."""
        reached: set[str] = set()
        for one in self.course.followed.values():
            reached |= {*one.decision.because, *self._spent(one)}
            outcome = one.decision.outcome
            if outcome.tier != outcome.earned_tier:
                reached.add(f"scenarios/ignore_tier/{outcome.scenario}")
        for change in self.course.changes:
            if change.kind in ("entered", "stepped"):
                by_step = isinstance(change.step, int)
                reached.add(f"lanes/{change.lane}")
                reached.add(f"plans/{change.plan}/{change.step}" if by_step else str(change.step))
            elif change.kind in ("escalated", "passed"):
                reached.add(f"plans/{change.reason}")
        return frozenset(reached)

    def _spent(self, followed: Followed) -> list[str]:
        """Return the budgets for which a step was passed over."""
        legs = {
            f"{plan}/{number}": leg
            for plan, many in followed.itinerary.legs
            for number, leg in enumerate(many, 1)
        }
        plan = followed.standing.plan
        spent = [
            step if isinstance(step, str) else f"{plan}/{step}"
            for step, _, reason in followed.standing.passed_over
            if reason == "budget"
        ]
        return [f"budgets/{one}" for step in spent if step in legs for one in legs[step].budgets]
