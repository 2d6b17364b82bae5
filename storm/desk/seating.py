"""Judges that nobody is at two desks at once, by the audits of all owners of desks together."""

from collections import defaultdict
from collections.abc import Iterable
from itertools import groupby

from storm.desk.record import Noted
from storm.law import Faults

COMES = "signed_on"
GOES = frozenset({"signed_off", "vanished"})


def judge_seats(faults: Faults, audits: Iterable[Noted]) -> None:
    """Add a fault for each moment from which an advisor is at more than one desk.

    What two owners saw in one millisecond has no order between them, so it is judged after it.
    """
    moves: dict[str, list[Noted]] = defaultdict(list)
    for one in audits:
        if one.kind == COMES or one.kind in GOES:
            moves[one.advisor_id].append(one)
    for advisor, found in moves.items():
        there: set[str] = set()
        found.sort(key=lambda one: (one.seen, one.owner, one.seq))
        for seen, together in groupby(found, key=lambda one: one.seen):
            for one in together:
                if one.kind == COMES:
                    there.add(one.desk)
                else:
                    there.discard(one.desk)
            if len(there) > 1:
                faults.add("at two desks at once", f"{advisor} at {seen}")
