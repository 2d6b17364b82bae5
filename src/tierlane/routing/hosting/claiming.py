"""Advisors who sign on at a managed desk: seated once their claim is granted, or refused.

While the desk waits for the answer it remembers what their desktop says, and offers them nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from tierlane.advisor import HEARTBEAT, SIGNED_ON, STATE
from tierlane.contact.reading import Event
from tierlane.routing.effect import Effects
from tierlane.routing.hosting.claim import (
    CLAIMED,
    GRANTED,
    YIELDED,
    Asked,
    Claims,
    Kept,
    Sender,
)
from tierlane.routing.hosting.host import Host, Hosted
from tierlane.routing.turn import Place
from tierlane.routing.unmanaged import about, note
from tierlane.routing.waiting import told
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Event as DeskEvent

ELSEWHERE: Final = "at another desk"
"""Why an advisor cannot sign on who has not signed off where they were."""


@dataclass(frozen=True, slots=True)
class Claiming:
    """Follows advisors of one owner's desks from signing on to their seat."""

    host: Host

    @property
    def _claims(self) -> Claims:
        return self.host.claims

    # ------------------------------------------------------------------ from desktops

    def hears(self, effects: Effects, place: Place, event: Event, hosted: Hosted) -> bool:
        """Deal with an event of an advisor who has no seat yet; tell whether that was all of it.

        Raises `Unreadable` for signing on with a time in the data that is none.
        """
        advisor_id = event.data.get("advisor_id")
        if advisor_id is None:
            return False
        if event.type == SIGNED_ON:
            self._on_signed_on(effects, place, event, hosted)
            return True
        if advisor_id in hosted.state.seats or event.type not in (STATE, HEARTBEAT):
            return False
        kept = self._claims.find(hosted.state.desk, advisor_id)
        if kept is None or kept.asked is None:
            return False
        if event.type == STATE:
            note(self.host.journal, effects, place, "state", at=event.at, detail=about(event))
            asked = kept.asked._replace(state=event.data["state"])
        else:
            asked = kept.asked._replace(alive=True, contacts=event.data.get("contacts"))
        self._claims.keep(effects, hosted.state.desk, advisor_id, kept._replace(asked=asked))
        self.host.take(effects, hosted, place, [])
        return True

    def _on_signed_on(self, effects: Effects, place: Place, event: Event, hosted: Hosted) -> None:
        """Claim an advisor; one who has a seat takes the new abilities."""
        data, now, desk = event.data, self.host.ledger.clock, hosted.state.desk
        seated = told.signed_on(data, hosted.state.book.line, now)
        # A silence that ends at this very moment was before it: they are not there any more.
        self.host.reach(effects, hosted, now, place.base)
        if data["advisor_id"] in hosted.state.seats:
            self._seat(effects, place, hosted, [seated])
            return
        kept = self._claims.find(desk, data["advisor_id"])
        asked = Asked(data, now)
        if kept is None:
            named = {"advisor_id": data["advisor_id"], "desk": desk}
            sender = self._sender(effects, place)
            kept = Kept(sender.send(CLAIMED, data["advisor_id"], named), asked)
        self._claims.keep(effects, desk, data["advisor_id"], kept._replace(asked=asked))
        note(self.host.journal, effects, place, "claimed", at=event.at, detail=about(event))
        self.host.take(effects, hosted, place, [])

    # ------------------------------------------------------------------ answers

    def answered(self, effects: Effects, place: Place, event: Event, hosted: Hosted | None) -> None:
        """Take `granted` or `withheld`; what is granted for nobody is given back."""
        data = event.data
        kept = self._claims.find(data["desk"], data["advisor_id"])
        ours = kept is not None and kept.claim == data["claim"]
        if kept is None or kept.asked is None or hosted is None or not ours:
            if event.type == GRANTED and not ours:
                named = {name: data[name] for name in ("advisor_id", "desk", "claim")}
                self._sender(effects, place).send(YIELDED, data["advisor_id"], named)
            detail = {"advisor": data["advisor_id"], "desk": data["desk"]}
            detail["reason"] = "nobody waits for it"
            note(self.host.journal, effects, place, "no_effect", at=event.at, detail=detail)
        elif event.type == GRANTED:
            self._claims.keep(effects, data["desk"], data["advisor_id"], Kept(kept.claim, None))
            self.host.reach(effects, hosted, self.host.ledger.clock, place.base)
            self._seat(effects, place, hosted, self._said(kept.asked, hosted))
        else:
            self._claims.keep(effects, data["desk"], data["advisor_id"], None)
            self._tell(effects, place, hosted, "refused", data)

    def _said(self, asked: Asked, hosted: Hosted) -> list[DeskEvent]:
        """Return what the desktop said while the desk waited, as events of the desk."""
        data, now = asked.data, self.host.ledger.clock
        seated = told.signed_on(data, hosted.state.book.line, now)
        if seated.idle_since is None:
            seated = seated._replace(idle_since=min(asked.since, now))
        found: list[DeskEvent] = [seated]
        if asked.state:
            found.append(told.stood({**data, "state": asked.state}))
        if asked.alive:
            found.append(told.heard({**data, "contacts": asked.contacts}))
        return found

    def _seat(
        self, effects: Effects, place: Place, hosted: Hosted, events: list[DeskEvent]
    ) -> None:
        """Tell the desktop that its advisor is there, and let the desk know."""
        first: Any = events[0]
        self._tell(effects, place, hosted, "signed_on", {"advisor_id": first.advisor_id})
        # What was said while the claim waited counts as said now: silence begins with the seat.
        self.host.take(effects, hosted, place, events, logged=self.host.ledger.clock)

    def _tell(
        self, effects: Effects, place: Place, hosted: Hosted, kind: str, data: Mapping[str, Any]
    ) -> None:
        at_desk = data.get("at_desk", "")
        change = Change(
            kind, self.host.ledger.clock, advisor_id=data["advisor_id"], desk=at_desk,
            reason=ELSEWHERE if at_desk else "",
        )  # fmt: skip
        self.host.tell(effects, hosted, place, change)

    def _sender(self, effects: Effects, place: Place) -> Sender:
        return Sender(self.host.journal, effects, place.base, place.seen)
