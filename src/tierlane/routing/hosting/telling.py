"""What came of it at a managed desk, as records: audit, lane entries, offers, returns, hand-overs.

One change of the desk makes one audit record, and whatever others rely on beside it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from tierlane.contact.reading import LATEST
from tierlane.contact.returned import (
    RETURN_ANSWERED,
    RETURN_FINISHED,
    RETURN_REPLAN,
    RETURN_RETURNED,
)
from tierlane.lane import Lane
from tierlane.policy.deciding.evidence import entry_of
from tierlane.routing.effect import Effects, Output
from tierlane.routing.entry import ENTERED, LEFT
from tierlane.routing.envelope import enveloped
from tierlane.routing.hosting import onward
from tierlane.routing.hosting.card import Card
from tierlane.routing.hosting.claim import Claims, Sender
from tierlane.routing.hosting.shelf import Held, Shelf
from tierlane.routing.journal import LANE_TOPICS, Journal
from tierlane.routing.published import (
    CONFIRMED,
    OFFERED,
    REFUSED,
    REVOKED,
    SIGNED_OFF,
    SIGNED_ON,
    SWITCHED,
)
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.state import DeskState
from tierlane.topic import ADVISOR_OFFERS, INTAKE_RETURNS
from tierlane.value import format_time

NOT_NAMED: Final = "-"
"""Stands for the contact or the offer where who answered named none, and there is none."""

GOES_ON: Final = frozenset({"entered", "handed over", "closed"})
"""What may become of a contact that was taken back from an advisor, else it stays in its lane."""

LEFT_BY: Final = {
    "abandoned": "abandoned",
    "ended": "ended",
    "answered": "answered",
    "finished": "finished",
    "lapsed": "lapsed",
}
"""How a contact left → the reason of its lane's `left`; otherwise it moved."""

_PLAIN: Final = ("lane", "plan", "step", "reason", "place", "over")
_SPANS: Final = ("wait", "missed_by")
"""Fields of which nought says something else than nothing."""

NEAR: Final = 30_000
"""Ms by which a contact may be taken on sooner or later than expected and be `within` it."""

_SIGNED_OFF: Final = {"signed_off": "off", "signed_off again": "off", "vanished": "silent"}
"""Change by which an advisor is at the desk no more → the reason that they are told."""

_ABOUT: Final = frozenset({"ordered", "finished", "no_effect", "switched"})
"""Changes whose audit record tells what the event said besides."""


class Why(NamedTuple):
    """What brought changes about."""

    base: str
    """What ids begin with that are made by it."""
    cause: Mapping[str, Any]
    seen: int
    now: int
    """The clock of the owner."""
    about: Mapping[str, Any] = {}
    """What the event told that the desk has no use for, such as an outcome."""


class Parted(NamedTuple):
    """A contact that is at a desk no more."""

    onto: str
    """The desk it went on to, or nothing."""
    heard: list[str]
    """The events heard of it."""
    since: int


@dataclass(slots=True)
class Telling:
    """Writes for one desk during one call."""

    journal: Journal
    effects: Effects
    shelf: Shelf
    state: DeskState
    gone: dict[str, Parted | None]
    """Contacts that are here no more."""
    claims: Claims

    def tell(self, changes: Sequence[Change], why: Why) -> None:
        """Write what came of one cause."""
        for number, change in enumerate(changes):
            held = self.shelf.held.get(change.contact_id)
            card = None if held is None else held.card
            if card is not None:
                self._move(card, change, changes[number + 1 :], why)
            self._note(card, change, why)
            if held is not None and change.kind in ("handed over", "closed", "left", "lapsed",
                                                    "finished"):  # fmt: skip
                self._part(held, change, why)

    def _id(self, why: Why, letter: str) -> str:
        """Return an id of a change: with the number of its audit record no two are the same."""
        return f"{why.base}.{letter}{self.journal.next}"

    # ------------------------------------------------------------------ by kind

    def _move(self, card: Card, change: Change, later: Sequence[Change], why: Why) -> None:
        """Write what others rely on, but for the audit."""
        kind = change.kind
        if kind == "entered":
            self._leave(card, change, "moved")
            self._enter(card, change, why)
        elif kind == "handed over":
            self._leave(card, change, "moved")
            self._hand_over(card, change, why)
        elif kind == "confirmed":
            self._leave(card, change, "answered")
            card.offer = change.offer_id
            self._return(RETURN_ANSWERED, card, change, why)
        elif kind in ("left", "closed", "lapsed"):
            how = {"left": change.reason, "closed": "ended", "lapsed": "lapsed"}[kind]
            self._leave(card, change, LEFT_BY.get(how, "moved"))
            if kind != "left":
                self._return(RETURN_FINISHED, card, change, why)
        elif kind == "finished":
            self._return(RETURN_FINISHED, card, change, why)
        elif kind == "returned":
            had = change._replace(offer_id=card.offer)
            self._offer(REVOKED, had, why, {"reason": change.reason})
            card.offer = ""
            self._return(RETURN_RETURNED, card, change, why)
            if not any(
                one.kind in GOES_ON and one.contact_id == change.contact_id for one in later
            ):
                self._enter(card, change, why)
        elif kind == "offered":
            self._offer(OFFERED, change, why, self._entry(card, change))

    def _note(self, card: Card | None, change: Change, why: Why) -> None:
        """Write the audit record, and what an advisor is told."""
        self._answer(card, change, why)
        detail: dict[str, Any] = {"desk": self.shelf.desk}
        if card is not None and change.itinerary is not None:
            detail["policy"] = {"name": card.policy, "revision": change.itinerary.revision}
            detail["entry_no"] = card.entry_no
        detail |= {name: found for name in _PLAIN if (found := getattr(change, name))}
        spans = ((name, getattr(change, name)) for name in _SPANS)
        detail |= {name: found for name, found in spans if found is not None}
        if (missed := change.missed_by) is not None:
            how = "within" if abs(missed) <= NEAR else "later" if missed > 0 else "sooner"
            self.effects.count("expected", how)
        other = "at_desk" if change.kind == "refused" else "to"
        named = {"advisor": change.advisor_id, "offer": change.offer_id, other: change.desk}
        detail |= {name: found for name, found in named.items() if found}
        if change.passed_over:
            told = [dict(zip(("step", "lane", "reason"), one, strict=True))
                    for one in change.passed_over]  # fmt: skip
            detail["passed_over"] = told
        if change.expires:
            detail["expires_at"] = format_time(change.expires)
        if change.kind in _ABOUT:
            detail |= why.about
        self.journal.noted(
            self.effects,
            _kind(change, card),
            record_id=self._id(why, "n"),
            at=change.at,
            seen=why.seen,
            cause=_cause(change, why),
            contact_id=change.contact_id or None,
            detail=detail,
        )

    def _answer(self, card: Card | None, change: Change, why: Why) -> None:
        """Write what an advisor is told, but for an offer itself."""
        kind = change.kind
        if kind in ("confirmed", "confirmed again"):
            self._offer(CONFIRMED, change, why)
        elif kind in ("revoked", "expired", "declined"):
            self._offer(REVOKED, change, why, {"reason": change.reason or kind})
        elif kind == "withdrawn" and card is not None:
            had = change._replace(offer_id=card.offer)
            self._offer(REVOKED, had, why, {"reason": change.reason})
            card.offer = ""
        elif kind == "switched" and card is not None:
            had = change._replace(offer_id=card.offer)
            self._offer(SWITCHED, had, why, why.about)
        elif kind in _SIGNED_OFF:
            self._offer(SIGNED_OFF, change, why, {"reason": _SIGNED_OFF[kind]})
            sender = Sender(self.journal, self.effects, why.base, change.at)
            self.claims.yield_up(sender, self.shelf.desk, change.advisor_id)
        elif kind == "signed_on":
            self._offer(SIGNED_ON, change, why)
        elif kind == "refused":
            more = {"reason": change.reason, "at_desk": change.desk}
            self._offer(REFUSED, change, why, more)

    def _part(self, held: Held, change: Change, why: Why) -> None:
        """Remember a contact that is here no more; a finished one, too, may be told of twice."""
        self.gone[change.contact_id] = Parted(change.desk, held.card.heard, why.now)
        self.shelf.drop(change.contact_id)

    # ------------------------------------------------------------------ lanes

    def _enter(self, card: Card, change: Change, why: Why) -> None:
        card.entry_no += 1
        card.entry, card.lane = self._id(why, "e"), change.lane
        card.kind = self._lane_of(change, change.lane).kind
        data = self._entry(card, change)
        if change.place:  # who was taken back is told nothing new
            known = change.wait is not None
            data["place"] = change.place
            data["expected_at"] = _time(change.at + (change.wait or 0)) if known else None
        self._lane(card, ENTERED, change, data, self.journal.source)

    def _leave(self, card: Card, change: Change, reason: str) -> None:
        if not card.lane:
            return
        data = {
            **self._place(card, change, card.lane, card.kind),
            "left_at": format_time(change.at),
            "reason": reason,
        }
        self._lane(card, LEFT, change, data, f"{self.journal.source}/left")
        card.lane = card.entry = card.kind = ""

    def _lane(
        self, card: Card, kind: str, change: Change, data: dict[str, Any], source: str
    ) -> None:
        event = enveloped(
            kind,
            data,
            event_id=card.entry,
            source=source,
            at=change.at,
            subject=change.contact_id,
        )
        topic = LANE_TOPICS[data["kind"]]
        self.effects.outputs.append(Output(topic, change.contact_id.encode(), event))

    def _place(self, card: Card, change: Change, lane: str, kind: str) -> dict[str, Any]:
        itinerary = change.itinerary
        return {
            "entry_id": card.entry,
            "entry_no": card.entry_no,
            "contact_id": change.contact_id,
            "customer_id": None if itinerary is None else itinerary.customer,
            "lane": lane,
            "kind": kind,
            "desk": self.shelf.desk,
        }

    def _lane_of(self, change: Change, name: str) -> Lane:
        """Return a lane by the contact's revision, or by that of the desk: an order may move it."""
        books = [self.state.book]
        if change.itinerary is not None:
            books.insert(0, self.state.books[change.itinerary.revision])
        return next(book.lanes[name] for book in books if name in book.lanes)

    def _entry(self, card: Card, change: Change) -> dict[str, Any]:
        """Return the content of a lane entry."""
        itinerary, priority = change.itinerary, change.priority
        if itinerary is None or priority is None:
            raise LookupError("no contact")  # a change about a contact has both
        whole = isinstance(change.step, int) and itinerary.has(change.plan, change.step)
        leg = itinerary.leg(change.plan, int(change.step)) if whole else itinerary.last
        named = {"name": card.policy, "revision": itinerary.revision}
        lane = self._lane_of(change, change.lane)
        part = entry_of(
            lane, priority, tier=card.tier, scenario=card.scenario, step=change.step, policy=named
        )
        serve = {key: value for key, value in leg.serve if value is not None}
        if card.retain_until is not None:
            serve["retain_until"] = card.retain_until
        return {
            **self._place(card, change, change.lane, lane.kind),
            "key": card.key,
            **orjson.loads(b"{%b}" % part),
            "entered_at": format_time(change.at),
            "respond_by": _time(card.respond_by),
            "resolve_by": _time(card.resolve_by),
            "advisor": leg.advisor,
            "decision_id": card.decision,
            "serve": serve,
        }

    # ------------------------------------------------------------------ others

    def _offer(
        self, kind: str, change: Change, why: Why, more: Mapping[str, Any] | None = None
    ) -> None:
        """Write what one advisor is told of an offer."""
        offer_id = change.offer_id or NOT_NAMED
        contact_id = change.contact_id or NOT_NAMED
        data = {**(more or {}), "offer_id": offer_id, "contact_id": contact_id}
        data |= {"advisor_id": change.advisor_id, "desk": self.shelf.desk}
        if kind == OFFERED:
            itinerary = change.itinerary
            data["expires_at"] = format_time(change.expires)
            if joined := self.shelf.held[change.contact_id].card.joined:
                data["joined"] = joined
            data["channel"] = "" if itinerary is None else itinerary.channel
        own = offer_id if kind == OFFERED else self._id(why, "o")
        value = enveloped(
            kind,
            data,
            event_id=own,
            source=self.journal.source,
            at=change.at,
            subject=contact_id,
        )
        self.effects.outputs.append(Output(ADVISOR_OFFERS, self.shelf.desk.encode(), value))

    def _return(self, kind: str, card: Card, change: Change, why: Why) -> None:
        """Tell the contact's intake what became of it."""
        data: dict[str, Any] = {"contact_id": change.contact_id, "desk": self.shelf.desk}
        data |= {"advisor_id": change.advisor_id or None, "entry_no": card.entry_no}
        data["outcome"] = why.about.get("outcome") if change.kind == "finished" else None
        if change.kind != "finished" and kind == RETURN_FINISHED:
            data["reason"] = change.kind
        value = enveloped(
            kind,
            data,
            event_id=self._id(why, "r"),
            source=self.journal.source,
            at=change.at,
            subject=change.contact_id,
        )
        self.effects.outputs.append(Output(INTAKE_RETURNS, card.key.encode(), value))

    def ask(self, contact_id: str, reason: str, revision: str | None, why: Why) -> None:
        """Ask the contact's intake to decide it again, by a revision if one is named."""
        held = self.shelf.held[contact_id]
        data = {"contact_id": contact_id, "desk": self.shelf.desk, "reason": reason}
        if revision is not None:
            data["revision"] = revision
        value = enveloped(
            RETURN_REPLAN,
            data,
            event_id=self._id(why, "r"),
            source=self.journal.source,
            at=why.now,
            subject=contact_id,
        )
        self.effects.outputs.append(Output(INTAKE_RETURNS, held.card.key.encode(), value))
        self.journal.noted(
            self.effects,
            "replan",
            record_id=self._id(why, "n"),
            at=why.now,
            seen=why.seen,
            cause=why.cause,
            contact_id=contact_id,
            detail={"desk": self.shelf.desk, "reason": reason},
        )

    def _hand_over(self, card: Card, change: Change, why: Why) -> None:
        if change.onward is None:
            raise LookupError("nothing to hand over")  # `handed over` always says what
        sender = onward.Sender(self.journal.source, self._id(why, "c"), change.at)
        self.effects.outputs.append(onward.arrived(sender, change.desk, change.onward, card))


def _kind(change: Change, card: Card | None) -> str:
    if change.kind == "entered" and card is not None and card.entry_no > 1:
        return "moved"
    return change.kind.replace(" ", "_")


def _cause(change: Change, why: Why) -> Mapping[str, Any]:
    """Return the cause as the audit has it: of a timer, also when that one was due."""
    if "timer" in why.cause:
        return {**why.cause, "due": change.due or change.at}
    return why.cause


def _time(moment: int | None) -> str | None:
    return None if moment is None else format_time(min(moment, LATEST))
