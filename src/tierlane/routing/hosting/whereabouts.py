"""Which desk has each advisor whose id lies on the owner's partition.

A claim is granted unless another desk has the advisor. Each record counts once, by its id: done a
second time after others came between, it would take an advisor from who has them by now.
"""

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from tierlane.contact.reading import Event
from tierlane.routing.effect import Effects
from tierlane.routing.hosting.claim import GRANTED, WITHHELD, YIELDED, Sender
from tierlane.routing.hosting.shelf import key
from tierlane.routing.journal import Journal
from tierlane.routing.ledger import LINE_FORMAT, Ledger, framed
from tierlane.routing.memory import event_name
from tierlane.routing.timetable import NEVER, rounded
from tierlane.routing.turn import Place
from tierlane.routing.unmanaged import note

MOST_HEARD: Final = 16
"""Records remembered of each advisor."""

REMEMBERED: Final = 600_000
"""Ms for which they are remembered of one whom no desk has; at least once doubles some."""


class Whereabout(NamedTuple):
    """Where one advisor is."""

    desk: str = ""
    """Nothing: at no desk."""
    claim: str = ""
    """By which the desk has them."""
    heard: tuple[str, ...] = ()
    """Names of the records about them, the oldest first."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Answers claims for one owner."""

    ledger: Ledger
    journal: Journal

    def take(self, effects: Effects, place: Place, event: Event) -> None:
        """Take `claimed` or `yielded`."""
        data, name = event.data, event_name(event.source, event.id)
        known = self._find(data["advisor_id"])
        if name in known.heard:
            effects.count("duplicate")
            self._note(effects, place, event, "duplicate")
            return
        known = known._replace(heard=(*known.heard, name)[-MOST_HEARD:])
        if event.type == YIELDED:
            known = self._on_yielded(effects, place, event, known)
        else:
            known = self._on_claimed(effects, place, event, known)
        self._keep(effects, data["advisor_id"], known)

    def _on_claimed(
        self, effects: Effects, place: Place, event: Event, known: Whereabout
    ) -> Whereabout:
        data = event.data
        told = {name: data[name] for name in ("advisor_id", "desk", "claim")}
        sender = Sender(self.journal, effects, place.base, place.seen)
        if known.desk in ("", data["desk"]):
            sender.send(GRANTED, data["desk"], told)
            self._note(effects, place, event, "granted")
            return known._replace(desk=data["desk"], claim=data["claim"])
        sender.send(WITHHELD, data["desk"], {**told, "at_desk": known.desk})
        self._note(effects, place, event, "withheld", at_desk=known.desk)
        return known

    def _on_yielded(
        self, effects: Effects, place: Place, event: Event, known: Whereabout
    ) -> Whereabout:
        data = event.data
        if (known.desk, known.claim) != (data["desk"], data["claim"]):
            self._note(effects, place, event, "no_effect", reason="another claim")
            return known
        self._note(effects, place, event, "yielded")
        return known._replace(desk="", claim="")

    def _note(self, effects: Effects, place: Place, event: Event, kind: str, **more: Any) -> None:
        told = {"advisor": event.data["advisor_id"], "desk": event.data["desk"], **more}
        note(self.journal, effects, place, kind, at=event.at, detail=told)

    def _find(self, advisor_id: str) -> Whereabout:
        value = self.ledger.values.get(key("w", advisor_id))
        if value is None:
            return Whereabout()
        desk, claim, heard = orjson.loads(value)[2]
        return Whereabout(desk, claim, tuple(heard))

    def _keep(self, effects: Effects, advisor_id: str, known: Whereabout) -> None:
        name = key("w", advisor_id)
        deadline = NEVER if known.desk else rounded(self.ledger.clock + REMEMBERED)
        value = framed(deadline, orjson.dumps([[*known]]), LINE_FORMAT)
        self.ledger.put(name, value, deadline)
        effects.changes[name] = value
