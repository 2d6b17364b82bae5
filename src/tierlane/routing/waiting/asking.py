"""What is asked at a desk: may this advisor take this contact, how full is a lane, who is best."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tierlane.lane import Lane
from tierlane.policy.condition.condition import Condition
from tierlane.policy.deciding.itinerary import Leg
from tierlane.policy.deciding.line import Preferring
from tierlane.policy.deciding.planning import CompiledStep
from tierlane.policy.line.choosing import Candidate
from tierlane.policy.line.figure import ABSENT, DeskFigure, Figures, LaneFigure
from tierlane.policy.line.want import unmet
from tierlane.routing.waiting.contact import Standing
from tierlane.routing.waiting.presence import absent, endless
from tierlane.routing.waiting.ranking import PARTS
from tierlane.routing.waiting.seat import Seat
from tierlane.routing.waiting.state import DeskState


@dataclass(slots=True)
class Asking:
    """Answers about one desk; changes nothing."""

    state: DeskState

    # ------------------------------------------------------------------ one pair

    def refusal(self, contact: Standing, seat: Seat, now: int, *, own: bool = False) -> str:
        """Return why an advisor is not offered a contact now, or nothing if they could be.

        `own` leaves out of account what the advisor already has of this contact.
        """
        leg = contact.leg
        lanes = self.lanes_of(contact)
        if seat.state != "on":
            return seat.state
        channel = contact.itinerary.channel
        held = seat.without(contact.id) if own else seat.counts
        return (
            self.unsuited(leg, lanes, channel, seat)
            or ("declined" if contact.declined.get(seat.id, 0) > now else "")
            or ("not_before" if contact.not_before > now else "")
            or ("wrap-up" if seat.wrapping > now else "")
            or seat.capacity.refuses(channel, held)
            or ("after" if seat.rank(lanes, now - contact.arrived) is None else "")
            or ("" if own or self._in_budget(contact, leg, seat.id, now) else "budget")
        )

    def unsuited(self, leg: Leg, lanes: tuple[str, ...], channel: str, seat: Seat) -> str:
        """Return why an advisor never takes such contacts: `lane`, `channel`, or a want."""
        if seat.sees_from(lanes) is None:
            return "lane"
        if seat.channels and channel not in seat.channels:
            return "channel"
        return unmet(leg.wants, seat.values) if leg.wants else ""

    def _in_budget(self, contact: Standing, leg: Leg, advisor_id: str, now: int) -> bool:
        state = self.state
        bound = state.bound_by(contact, leg.budgets, advisor_id)
        return all(state.left(budget, key, now) > 0 for budget, key in bound)

    def lanes_of(self, contact: Standing) -> tuple[str, ...]:
        """Return the lane of a contact, and those whose advisors its step borrows."""
        if contact.by_order or isinstance(contact.step, str):
            return (contact.lane,)
        step = self.state.plan(contact).steps[contact.step - 1]
        return (contact.lane, *step.borrow)

    # ------------------------------------------------------------------ the choice

    def preferring(self, contact: Standing) -> Preferring:
        """Return how an advisor is chosen for a contact: as its step says, else as the desk."""
        if isinstance(contact.step, int) and not contact.by_order:
            step = self.state.plan(contact).steps[contact.step - 1]
            return step.choose or self.state.book.line.choose
        return self.state.book.line.choose

    def best(self, contact: Standing, able: int, number: int, now: int) -> list[Seat]:
        """Return the best of the advisors who are ready and may take a contact, best first."""
        roster = self.state.roster
        if not able & able - 1:
            return list(roster.of(able))
        keys = self.preferring(contact).choosing.keys
        if not PARTS.keys() >= set(keys):
            return self.chosen(contact, list(roster.of(able)), now)[:number]
        ranking, found = roster.ranking(keys), list[Seat]()
        while len(found) < number and (seat := ranking.best(able)) is not None:
            found.append(seat)
            able ^= seat.bit
        return found

    def chosen(
        self, contact: Standing, seats: list[Seat], now: int, *, own: bool = False
    ) -> list[Seat]:
        """Return advisors who may take a contact, the best first."""
        preferring = self.preferring(contact)
        leg, known = contact.leg, dict(contact.leg.known)
        by_id = {seat.id: seat for seat in seats}
        candidates = []
        for seat in seats:
            held = seat.without(contact.id) if own else seat.counts
            offer = self.state.offers.get(contact.offers.get(seat.id, ""))
            candidates.append(
                Candidate(
                    advisor_id=seat.id,
                    values=seat.values,
                    load=seat.capacity.load(held),
                    free=seat.capacity.free(held),
                    idle=now - seat.idle_since,
                    turn=offer.turn_before if own and offer is not None else seat.turn,
                    expressed=tuple(one.ask(known, seat.values) for one in preferring.sorts),
                )
            )
        ordered = preferring.choosing.sort(candidates, (*leg.wants, *leg.prefer))
        return [by_id[one.advisor_id] for one in ordered]

    # ------------------------------------------------------------------ figures

    def full(self, lane: Lane, now: int) -> bool:
        """Tell whether a lane takes nobody else."""
        if lane.most_waiting is None and lane.longest_wait is None:
            return False
        return Figures({lane.name: self._lane(lane.name, "", now)}).full(lane)

    def closed(self, lane: Lane, now: int) -> bool:
        """Tell whether a lane is closed, by its desk's calendar or by order."""
        calendar = self.state.book.line.calendar
        shut = self.state.shut.get(lane.name, 0) > now
        return shut or (calendar is not None and not calendar.is_open(now))

    def _lane(self, lane: str, channel: str, now: int, asked: Iterable[str] = ()) -> LaneFigure:
        roster, waiting = self.state.roster, self.state.line.waiting.get(lane, ())
        roster.as_of(now)
        on = roster.on & roster.sees((lane,))
        free = on & roster.rested & roster.with_room(channel)
        if channel:
            free &= roster.speaks(channel)
        return LaneFigure(
            waiting=len(waiting),
            on=on.bit_count(),
            free=free.bit_count(),
            not_asked=(free & ~self.state.bits(asked)).bit_count(),
            oldest=now - waiting.oldest[0] if waiting else None,
            expected_wait=self.expected_wait(lane, len(waiting), free.bit_count()),
        )

    def expected_wait(self, lane: str, waiting: int, free: int) -> int | None:
        """Return how long one more contact would wait, by the pace of late; None is not known.

        Nothing where somebody is free and nobody waits; else one mean time between two contacts
        taken on for each that waits, and one for itself.
        """
        if free and not waiting:
            return 0
        times = self.state.pace.get(lane)
        if times is None or len(times) < 2:
            return None
        return (times[-1] - times[0]) * (waiting + 1) // (len(times) - 1)

    def _figures(self, contact: Standing, lane: Lane, now: int) -> Figures:
        state, roster = self.state, self.state.roster
        here = self._lane(lane.name, contact.itinerary.channel, now, contact.asked)
        free = roster.on & roster.rested & roster.with_room(contact.itinerary.channel)
        waiting = sum(map(len, state.line.waiting.values()))
        there = DeskFigure(waiting, roster.on.bit_count(), free.bit_count())
        return Figures({lane.name: here}, {lane.desk: there})

    # ------------------------------------------------------------------ entering a step

    def over_budget(self, contact: Standing, leg: Leg, now: int) -> bool:
        """Tell whether a budget is spent that binds whoever may serve the contact here."""
        left = self._left(contact, leg, now) if leg.budgets else None
        return left is not None and left <= 0

    def _left(self, contact: Standing, leg: Leg, now: int) -> int | None:
        bound = self.state.bound_by(contact, leg.budgets, leg.advisor)
        return min((self.state.left(budget, key, now) for budget, key in bound), default=None)

    def skipped(
        self, contact: Standing, step: CompiledStep, leg: Leg, number: int, now: int
    ) -> str:
        """Return why a step is passed over while nobody can take the contact, or nothing."""
        away = not leg.missing and absent(self.state, leg)
        if contact.not_before > now or (step.skip is None and not leg.missing and not away):
            return ""
        if self._can_be_taken(contact, step, leg, now):
            return ""
        if step.skip is not None:
            names = self._figures(contact, step.lane, now).names(
                step.lane, self._left(contact, leg, now), missing=leg.missing, absent=away
            )
            known = {**dict(leg.known), **names}
            if _holds(step.skip, known):
                if _holds(step.skip, {**known, "who_absent": False}):
                    return step.skipping
                return "who.missing" if leg.missing else ABSENT
        elif leg.missing:
            return "who.missing"
        return ABSENT if away and endless(self.state, contact, number) else ""

    def _can_be_taken(self, contact: Standing, step: CompiledStep, leg: Leg, now: int) -> bool:
        if leg.missing:
            return False
        state, roster = self.state, self.state.roster
        roster.as_of(now)
        lanes, channel = (step.lane.name, *step.borrow), contact.itinerary.channel
        able = roster.suited(roster.kin(leg.wants), lanes, channel) & roster.ready
        # Whoever is offered the contact already holds room for it.
        offered = state.bits(contact.offers)
        has_room = roster.with_room(channel) & ~offered
        for seat in roster.of(offered & able):
            if not seat.capacity.refuses(channel, seat.without(contact.id)):
                has_room |= seat.bit
        able &= has_room & roster.seeing(lanes, now - contact.arrived)
        again = (one for one, until in contact.declined.items() if until > now)
        return bool(able & ~state.bits(again))


def _holds(condition: Condition, known: Mapping[str, Any]) -> bool:
    """Tell whether a condition holds; a term without an answer does not."""
    for term in condition.terms:
        names = [*(f"v{slot}" for slot in term.slots), *term.names]
        try:
            answer = term.program.execute({name: known[name] for name in names})
        except Exception:  # noqa: BLE001 # the binding raises builtins of many kinds
            return False
        if answer is not True:
            return False
    return True
