"""Contacts that wait while the policy changes: which are decided again, and how far that is.

With `reroute` all of them are, with `pin` those whose lane the new revision has not. Keys are taken
in the order of their bytes and the last one done is part of the state, so that an owner that takes
over goes on there. A slice is bounded, so that fresh contacts wait for one slice at most.
"""

from typing import Final

from tierlane.contact.lifecycle import IN_LINE
from tierlane.contact.reading import Event
from tierlane.routing.course import AWAITED, Course
from tierlane.routing.effect import Effects
from tierlane.routing.ledger import Ledger, Pending
from tierlane.routing.memory import KeptContact, Memory
from tierlane.routing.turn import Turn

REROUTED: Final = "reroute"
"""Reason of a move where all that waited are decided again."""
LANE_GONE: Final = "lane_gone"
"""Reason of a move where the revision does not have the contact's lane."""

MOST_KEYS: Final = 2_000
"""Keys looked at in a slice: some 4 ms where nobody waits."""
MOST_CONTACTS: Final = 200
"""Contacts decided in a slice, past which no further key is begun: some 10 ms."""
MOST_BYTES: Final = 1_000_000
"""State changed in a slice, likewise: the batch of at-least-once takes 8 MB."""

_MARKS: Final = tuple(f'"{state}"'.encode() for state in sorted(IN_LINE))


class Reroute:
    """Goes through what waits, slice by slice."""

    def __init__(self, owner: str, deployment: str, ledger: Ledger, course: Course) -> None:
        """`owner` is the part of ids that names the owner, such as `i3`."""
        self._base = f"{deployment}.{owner}"
        self._ledger = ledger
        self._course = course
        self._rest: list[bytes] | None = None
        """Keys still to be looked at, the last one first; None where that is to be found out."""

    def begin(self, *, everyone: bool) -> None:
        """Have all that waits looked at; what an earlier change has not reached is included."""
        ledger = self._ledger
        everyone = everyone or (ledger.pending is not None and ledger.pending.everyone)
        ledger.pending = Pending(everyone, ledger.clock, "")
        self._rest = None

    def forget(self) -> None:
        """Find out anew what is left, as after a rollback."""
        self._rest = None

    def go_on(self, effects: Effects, now: int) -> None:
        """Do a slice; `now` is when. Nothing is done where nothing is left."""
        pending = self._ledger.pending
        if pending is None:
            return
        rest = self._rest if self._rest is not None else self._find(pending)
        looked = decided = size = 0
        done = pending.done
        while rest and looked < MOST_KEYS and decided < MOST_CONTACTS and size < MOST_BYTES:
            key = rest.pop()
            done = key.decode()
            looked += 1
            number = self._key(effects, key, pending, now)
            if number:
                decided += number
                size += len(effects.changes.get(key) or b"")
        self._ledger.pending = pending._replace(done=done) if rest else None
        self._rest = rest

    def _find(self, pending: Pending) -> list[bytes]:
        done = pending.done.encode()
        return sorted((key for key in self._ledger.values if key > done), reverse=True)

    def _key(self, effects: Effects, key: bytes, pending: Pending, now: int) -> int:
        """Deal with one key, and return how many contacts that were."""
        value = self._ledger.values.get(key)
        if value is None or not any(mark in value for mark in _MARKS):
            return 0
        memory = Memory(value)
        wanted = [c for raw in memory.contacts if self._wanted(c := KeptContact(*raw), pending)]
        if not wanted:
            return 0
        ledger, done = self._ledger, Effects()
        ledger.mark()
        try:
            for contact in wanted:
                self._contact(done, key, memory, contact, now, everyone=pending.everyone)
            self._course.save(done, key, memory)
        except Exception:  # noqa: BLE001  # one key must not keep the others waiting
            ledger.back()
            effects.count("errors", "reroute")
            return len(wanted)
        ledger.merge()
        effects.add(done)
        return len(wanted)

    def _wanted(self, contact: KeptContact, pending: Pending) -> bool:
        if contact.state not in IN_LINE or contact.seen > pending.since:
            return False
        if contact.at_desk:  # which asks for those whose lane is gone
            return pending.everyone or contact.terms == AWAITED
        return pending.everyone or not self._course.placing.deciding.has_lane(contact.lane)

    def _contact(
        self,
        effects: Effects,
        key: bytes,
        memory: Memory,
        contact: KeptContact,
        now: int,
        *,
        everyone: bool,
    ) -> None:
        revision = self._course.placing.deciding.revision
        reason = REROUTED if everyone else LANE_GONE
        event = Event(reason, "", "", contact.at, {"contact_id": contact.id}, ())
        turn = Turn(
            effects,
            event,
            key,
            seen=now,
            base=f"{self._base}.{self._ledger.seq + 1}",
            cause={"revision": f"{revision.name}@{revision.hash}"},
        )
        turn.memory = memory
        self._course.placing.decide_anew(turn, contact, reason)
