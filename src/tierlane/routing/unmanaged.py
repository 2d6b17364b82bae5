"""Desks that an outside system runs: what its advisors did is passed on to intake and audited.

What belongs to a managed desk has no effect there, and that is audited, too.
"""

from dataclasses import dataclass
from typing import Any

from tierlane.advisor import ACCEPTED, FINISHED, HEARTBEAT, SIGNED_OFF, SIGNED_ON, STATE
from tierlane.contact.reading import Event
from tierlane.contact.returned import RETURN_ANSWERED, RETURN_FINISHED
from tierlane.operator import ORDERS
from tierlane.routing.effect import Effects, Output
from tierlane.routing.envelope import enveloped
from tierlane.routing.journal import Journal
from tierlane.routing.kept_advisor import KeptAdvisor
from tierlane.routing.turn import Place
from tierlane.topic import INTAKE_RETURNS


@dataclass(frozen=True, slots=True)
class Unmanaged:
    """Follows the advisors of desks that are not managed."""

    journal: Journal
    held: int
    """Contacts remembered per advisor; past it the oldest is forgotten."""

    def follow(self, effects: Effects, place: Place, event: Event, advisor: KeptAdvisor) -> None:
        """Do what an advisor's event does."""
        kind, data = event.type, event.data
        if kind in (ACCEPTED, FINISHED):
            self._tell_intake(effects, place, event, advisor)
        elif kind in (SIGNED_ON, STATE, SIGNED_OFF):
            advisor.state = data.get("state", "available")
            if kind == SIGNED_OFF:
                advisor.state = "signed off"
            self._note(effects, place, event.at, kind.split(".")[2], about(event))
        elif kind == HEARTBEAT:
            self._note(
                effects, place, event.at, "no_effect", about(event, "noted as a sign of life")
            )
        elif kind in ORDERS:
            self._note(effects, place, event.at, "no_effect", about(event, "desk not managed"))
        else:
            self._note(effects, place, event.at, "no_effect", about(event, "no such offer"))

    def _tell_intake(
        self, effects: Effects, place: Place, event: Event, advisor: KeptAdvisor
    ) -> None:
        """Tell the contact's intake that it is answered or finished."""
        data = event.data
        contact_id, key = data.get("contact_id"), data.get("contact_key")
        if contact_id is None or key is None:
            why = "no such offer" if data.get("offer_id") else "no contact_id or contact_key"
            self._note(effects, place, event.at, "no_effect", about(event, why))
            return
        held = tuple(one for one in advisor.held if one != contact_id)
        if event.type == ACCEPTED:
            held = (*held, contact_id)[-self.held :]
        advisor.held = held
        value = self._returned(place, event)
        effects.outputs.append(Output(INTAKE_RETURNS, key.encode(), value))
        told = about(event) | {"contact": contact_id}
        self._note(effects, place, event.at, event.type.split(".")[2], told)

    def _returned(self, place: Place, event: Event) -> bytes:
        data = event.data
        told = {"contact_id": data["contact_id"], "desk": data["desk"]}
        told |= {"advisor_id": data["advisor_id"], "outcome": data.get("outcome")}
        return enveloped(
            RETURN_ANSWERED if event.type == ACCEPTED else RETURN_FINISHED, told,
            event_id=f"{place.base}.r0", source=self.journal.source, at=event.at,
            subject=data["contact_id"],
        )  # fmt: skip

    def _note(
        self, effects: Effects, place: Place, at: int, kind: str, detail: dict[str, Any]
    ) -> None:
        note(self.journal, effects, place, kind, at=at, detail=detail)


def note(
    journal: Journal, effects: Effects, place: Place, kind: str, *, at: int, detail: dict[str, Any]
) -> None:
    """Write the audit record of what a record brought about; `at` in ms."""
    journal.noted(
        effects,
        kind,
        record_id=f"{place.base}.n0",
        at=at,
        seen=place.seen,
        cause=place.cause,
        contact_id=detail.get("contact"),
        detail=detail,
    )


def about(event: Event, reason: str = "") -> dict[str, Any]:
    """Return what an audit record tells of an advisor's event."""
    told = {"event": event.type.split(".")[2]}
    if "advisor_id" in event.data:
        told["advisor"] = event.data["advisor_id"]
    told["desk"] = event.data["desk"]
    return told | ({"reason": reason} if reason else {})
