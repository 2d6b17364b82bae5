"""The law of those who could be asked finds each way to break it, and passes the rest."""

from collections.abc import Callable

import pytest

from storm.desk.idling import Idling
from storm.desk.record import Bounds, Noted
from storm.law import Faults

BOUNDS = Bounds(
    at_once=1, units=100, costs={"chat": 50, "voice": 100}, silence=3_000, again=1_000,
    wrap_up={"voice": 300},
)  # fmt: skip
CHANNELS = {"v1": "voice", "v2": "voice", "c1": "chat"}


class Audit:
    """The audit of one desk's owner; times are in ms from the beginning on."""

    def __init__(self) -> None:
        self.records: list[Noted] = []

    def note(
        self, moment: int, kind: str, contact: str = "", advisor: str = "", offer: str = ""
    ) -> None:
        """Add a record."""
        number = len(self.records) + 1
        self.records.append(
            Noted(f"n{number}", kind, "desk-0", number, contact, advisor, offer, None, 0,
                  again=False, moment=moment, desk="hall")
        )  # fmt: skip

    def faults(self) -> dict[str, int]:
        """Judge it."""
        found = Faults()
        Idling(found, BOUNDS, CHANNELS).play(self.records)
        return dict(found.counts)


def told(*rows: tuple[int, str, str, str, str]) -> Audit:
    audit = Audit()
    audit.note(100, "signed_on", advisor="ann")
    for row in rows:
        audit.note(*row)
    audit.note(90_000, "no_effect")
    return audit


def served(again: int) -> Audit:
    """Let somebody call amid the wrapping up of another call, and be offered at a time."""
    return told(
        (1_000, "entered", "v1", "", ""),
        (1_000, "offered", "v1", "ann", "o1"),
        (1_200, "confirmed", "v1", "ann", "o1"),
        (5_000, "finished", "v1", "ann", ""),
        (5_100, "entered", "v2", "", ""),
        (again, "offered", "v2", "ann", "o2"),
        (again, "confirmed", "v2", "ann", "o2"),
    )


def declined(again: int) -> Audit:
    """Let the one advisor decline, and be asked again at a time."""
    return told(
        (1_000, "entered", "v1", "", ""),
        (1_000, "offered", "v1", "ann", "o1"),
        (1_500, "declined", "v1", "ann", "o1"),
        (again, "offered", "v1", "ann", "o2"),
        (again, "confirmed", "v1", "ann", "o2"),
    )


def given_back(again: int) -> Audit:
    """Let a chat come back, beside which another is served, and be offered at a time."""
    return told(
        (1_000, "entered", "c1", "", ""),
        (1_000, "offered", "c1", "ann", "o1"),
        (1_000, "confirmed", "c1", "ann", "o1"),
        (2_000, "returned", "c1", "ann", ""),
        (again, "offered", "c1", "ann", "o2"),
        (again, "confirmed", "c1", "ann", "o2"),
        (again + 5, "finished", "c1", "ann", ""),
    )


@pytest.mark.parametrize(
    ("story", "moment"), [(served, 5_300), (declined, 2_500), (given_back, 2_000)]
)
def test_asked_in_time(story: Callable[[int], Audit], moment: int) -> None:
    assert story(moment).faults() == {}
    assert story(moment + 1).faults() == {"idle though somebody waits": 1}


def test_asked_too_soon() -> None:
    assert served(5_299).faults() == {"offered while wrapping up": 1}
    assert declined(2_499).faults() == {"asked again too soon": 1}


def test_forgotten_altogether() -> None:
    for story in (served, declined, given_back):
        audit = story(80_000)
        assert audit.faults() == {"idle though somebody waits": 1}


def test_what_cannot_be_is_left_to_the_other_laws() -> None:
    audit = told(
        (1_000, "confirmed", "v1", "ann", "o1"),
        (1_100, "finished", "v1", "ann", ""),
        (1_200, "finished", "v1", "ann", ""),
        (1_300, "declined", "v1", "bob", "o1"),
        (1_400, "withdrawn", "v2", "ann", ""),
    )
    assert audit.faults() == {}


def test_who_has_no_room_or_is_gone_is_not_idle() -> None:
    full = told(
        (1_000, "entered", "v1", "", ""),
        (1_000, "offered", "v1", "ann", "o1"),
        (1_000, "confirmed", "v1", "ann", "o1"),
        (1_100, "entered", "c1", "", ""),
    )
    assert full.faults() == {}
    gone = told((1_000, "signing_off", "", "ann", ""), (1_100, "entered", "c1", "", ""))
    assert gone.faults() == {}


def test_nobody_is_asked_while_the_owner_catches_up() -> None:
    away = told(
        (0, "stood_still", "", "", ""),
        (3_000, "entered", "v1", "", ""),
        (61_000, "caught_up", "", "", ""),
        (61_000, "offered", "v1", "ann", "o1"),
    )
    assert away.faults() == {}
