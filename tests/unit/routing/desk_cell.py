"""What each event does to a contact at a managed desk: each cell set up, and what came of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import yaml

from tests.unit.routing.hall import HALL, START, Hall, revision
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import (
    Accepted,
    Declined,
    Finished,
    Gone,
    Heard,
    Noticed,
    Ordered,
    Published,
    Released,
    Reopened,
    Shut,
    SignedOff,
    Stood,
    Updated,
    Vanished,
)
from tierlane.value import format_time

SOURCE: Final = Path(__file__).with_name("desk_cell.yaml")
NAME: Final = "k1"
RING: Final = "contact.attributes.ring_at"
TEXT: Final = HALL.replace(
    "attributes.wanted: text", f"attributes.wanted: text\n  {RING}: time"
).replace("offer: {lasts: 10s}", f"offer: {{lasts: 10s}}\n    not_before: {RING}\n    lapse: 40s")
POLICY: Final = revision(text=TEXT)
LATER: Final = revision("policy: hall", "policy: hall\ntime_zone: Asia/Tokyo", TEXT)

Cell = tuple[tuple[str, ...], str]
"""What is told, `kind` or `kind: reason`, and the state after it."""


def cells() -> dict[str, Any]:
    """Return the table as written: states, events, and per state the cell of each event."""
    found: dict[str, Any] = yaml.safe_load(SOURCE.read_text(encoding="utf-8"))
    return found


class Scene:
    """One contact brought into a state, and one event."""

    def __init__(self, state: str) -> None:
        self.hall, self.state, self.now = Hall(POLICY), state, 1.0
        getattr(self, f"_{state.replace(' ', '_').replace('-', '_')}")()

    def give(self, event: str) -> Cell:
        """Let an event happen; return what was told of the contact and its state after it."""
        made = _EVENTS[event](self)
        told = [
            one
            for one in made
            if one.contact_id in (NAME, "") and not one.advisor_id.startswith("b")
        ]
        return tuple(map(_shown, told)), self._after(made)

    def _after(self, made: list[Change]) -> str:
        here = self.hall.desk.state.contacts.get(NAME)
        if here is not None:
            if here.served_by:
                return "served"
            return "offered" if here.offers else "put off" if here.not_before else "waiting"
        for one in made:
            if one.contact_id == NAME and one.kind in _OVER:
                how = _OVER[one.kind] or one.reason
                return "elsewhere" if how == "answered" else how
        return self.state

    # ------------------------------------------------------------------ states

    def _somebody(self, *channels: str) -> None:
        self.hall.at(0, self.hall.seat("a", "general")._replace(channels=channels))

    def _arrived(self) -> None:
        """Decided by intake, and not read by the desk yet."""
        self._somebody("mail")

    def _waiting(self) -> None:
        self._somebody("mail")
        self.hall.come(0, NAME, "voice")

    def _put_off(self) -> None:
        self._somebody("mail")
        self.hall.at(0, self.later(60))

    def _offered(self) -> None:
        self._somebody()
        self.hall.come(0, NAME, "voice")

    def _served(self) -> None:
        self._offered()
        self.hall.accept(1, "a", NAME)

    def _wrap_up(self) -> None:
        self._served()
        self.hall.finish(1, "a", NAME)

    def _ended(self) -> None:
        self._served()
        self.hall.at(1, Gone(NAME, "ended"))

    def _abandoned(self) -> None:
        self._waiting()
        self.hall.at(1, Gone(NAME, "abandoned"))

    def _lapsed(self) -> None:
        self._waiting()
        self.now = 41
        self.hall.at(40)

    def _closed(self) -> None:
        self.hall = Hall(revision("lapse: 40s", "lapse: 1h", TEXT))
        self._waiting()
        self.now = 181
        self.hall.at(180)

    def _elsewhere(self) -> None:
        self._somebody("mail")
        self.hall.come(0, NAME, "voice", subject="far")
        self.now = 13
        self.hall.at(12)

    # ------------------------------------------------------------------ events

    def tell(self, *events: Any) -> list[Change]:
        """Let something happen."""
        return self.hall.at(self.now, *events)

    def again(self, **about: Any) -> Any:
        """Return the contact as it is decided anew."""
        return self.hall.arrival(NAME, self.now, "voice", **about)

    def later(self, second: float) -> Any:
        at = format_time(START + round((self.now + second) * 1000))
        return self.again(attributes={"ring_at": at})

    def wait(self, seconds: float) -> list[Change]:
        """Let nothing happen but time, from the moment a timer counts from."""
        return self.hall.desk.on_deadline(START + round(seconds * 1000))

    def beat(self, *listed: str) -> list[Change]:
        """Send heartbeats, ten seconds apart, that list the same."""
        made: list[Change] = []
        for second in (0, 10, 20):
            made += self.hall.at(self.now + second, Heard("a", listed))
        return made

    def step_ends(self) -> list[Change]:
        """Decide the contact anew, so that it does not lapse first, and wait for its step's end."""
        self.hall.at(30)
        if (here := self.hall.desk.state.contacts.get(NAME)) is not None:
            self.hall.at(30, Updated(NAME, here.itinerary))
        return self.wait(50)

    def comes_due(self) -> list[Change]:
        """Hear of the contact again in time, and wait for the moment until which it was put off."""
        if self.state != "put off":
            return self.tell()
        self.hall.at(30, Updated(NAME, self.hall.desk.state.contacts[NAME].itinerary))
        return self.wait(61)

    def stand_still(self) -> list[Change]:
        """Let the desk stand still over the end of a step."""
        self.hall.desk.fall_behind()
        return self.hall.desk.caught_up(START + 39_000, "c99")


_OVER: Final = {
    "finished": "wrap-up", "lapsed": "lapsed", "closed": "closed", "handed over": "elsewhere",
    "left": "",
}  # fmt: skip


def _shown(change: Change) -> str:
    return f"{change.kind}: {change.reason}" if change.reason else change.kind


_EVENTS: Final[dict[str, Callable[[Scene], list[Change]]]] = {
    "arrives": lambda one: one.tell(one.again()),
    "updated": lambda one: one.tell(Updated(NAME, one.again().itinerary)),
    "updated, another plan": lambda one: one.tell(
        Updated(NAME, one.again(subject="scarce").itinerary)
    ),
    "updated, put off": lambda one: one.tell(Updated(NAME, one.later(90).itinerary)),
    "noticed": lambda one: one.tell(Noticed(NAME)),
    "noticed on another channel": lambda one: one.tell(Noticed(NAME, "chat")),
    "abandoned": lambda one: one.tell(Gone(NAME, "abandoned")),
    "ended": lambda one: one.tell(Gone(NAME, "ended")),
    "answered": lambda one: one.tell(Gone(NAME, "answered", "a")),
    "answered by another": lambda one: one.tell(Gone(NAME, "answered", "c")),
    "accepted": lambda one: one.tell(Accepted("a", NAME)),
    "accepted by another": lambda one: one.tell(Accepted("c", NAME)),
    "declined": lambda one: one.tell(Declined("a", NAME)),
    "finished": lambda one: one.tell(Finished("a", NAME)),
    "finished by another": lambda one: one.tell(Finished("c", NAME)),
    "advisor on a break": lambda one: one.tell(Stood("a", "break")),
    "advisor signs off": lambda one: one.tell(SignedOff("a")),
    "advisor vanishes": lambda one: one.tell(Vanished("a")),
    "heartbeat lists it": lambda one: one.beat(NAME),
    "heartbeats do not list it": lambda one: one.beat(),
    "ordered: move": lambda one: one.tell(Ordered(NAME, "senior")),
    "ordered: move to another desk": lambda one: one.tell(Ordered(NAME, "away")),
    "ordered: release": lambda one: one.tell(Released(NAME)),
    "ordered: close its lane": lambda one: one.tell(Shut("people")),
    "ordered: open its lane": lambda one: one.tell(Reopened("people")),
    "published": lambda one: one.tell(Published(LATER)),
    "its offer expires": lambda one: one.wait(10),
    "its step ends": lambda one: one.step_ends(),
    "nothing heard for too long": lambda one: one.wait(41),
    "its moment comes": lambda one: one.comes_due(),
    "a standstill ends": lambda one: one.stand_still(),
}
EVENTS: Final = tuple(_EVENTS)
