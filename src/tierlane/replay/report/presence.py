"""The staff that a record shows: advisors count as on duty from signing on to signing off."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from tierlane import topic
from tierlane.advisor import ADVISOR_EVENTS, SIGNED_OFF, SIGNED_ON, STATE
from tierlane.contact.reading import Reader
from tierlane.errors import Unreadable
from tierlane.policy.deciding.revision import Revision
from tierlane.replay.simulation.staffing import OFF, ON, Seated, Staffing, Turn
from tierlane.replay.source.source import Source
from tierlane.routing.waiting.told import STANDS, signed_on

NAME: Final = "as recorded"


class Heard(NamedTuple):
    """Something an advisor's desktop said."""

    at: int
    """Ms since 1970."""
    advisor_id: str
    desk: str
    state: str
    """`on`, `break` or `off`."""
    about: dict[str, Any]
    """What the advisor can do, where they signed on."""


@dataclass(frozen=True, slots=True)
class SeenStaffing(Staffing):
    """Who was on duty when, as it was heard. Their groups are the desks."""

    heard: tuple[Heard, ...] = field(default=())
    """By time."""

    def roster(self, revision: Revision, begin: int, end: int) -> tuple[Turn, ...]:
        """Return the turns between two moments; of desks that the policy does not have, none.

        Who was on duty before `begin` comes on then. Of what an advisor can do the first that was
        heard counts throughout.
        """
        lines = {one.desk: one for one in revision.lines}
        seats: dict[str, Seated] = {}
        turns: list[Turn] = []
        for one in self.heard:
            seated = seats.get(one.advisor_id)
            if seated is None:
                if one.state != ON or one.desk not in lines:
                    continue
                event = signed_on(one.about, lines[one.desk], begin)._replace(holds=())
                seated = Seated(one.advisor_id, one.desk, one.desk, 1.0, event)
                seats[one.advisor_id] = seated
            if one.at < end:
                turns.append(Turn(max(one.at, begin), seated, one.state))
        return tuple(turns)

    def desks(self) -> frozenset[str]:
        """Return the desks at which anybody was."""
        return frozenset(one.desk for one in self.heard)


def seen_staffing(source: Source, zone: str) -> SeenStaffing | None:
    """Return the staff that a source shows; None where nobody signs on.

    What cannot be read is passed over. Raises SourceError.
    """
    reader, heard = Reader(ADVISOR_EVENTS), list[Heard]()
    for batch in source.batches((topic.ADVISOR_EVENTS,)):
        for record in batch:
            try:
                event = reader.read(record)
            except Unreadable:
                continue
            heard += _heard(event.type, event.at, event.data)
    if not any(one.about for one in heard):
        return None
    return SeenStaffing(NAME, (), zone, heard=_ordered(heard))


def _heard(kind: str, at: int, data: dict[str, Any]) -> Sequence[Heard]:
    if kind == SIGNED_ON:
        return (Heard(at, data["advisor_id"], data["desk"], ON, data),)
    if kind == SIGNED_OFF:
        return (Heard(at, data["advisor_id"], data["desk"], OFF, {}),)
    if kind == STATE:
        return (Heard(at, data["advisor_id"], data["desk"], STANDS[data["state"]], {}),)
    return ()


def _ordered(heard: Iterable[Heard]) -> tuple[Heard, ...]:
    return tuple(sorted(heard, key=lambda one: (one.at, one.advisor_id)))
