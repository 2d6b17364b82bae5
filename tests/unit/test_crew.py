"""Made-up advisors: what they say, and when."""

from typing import Any

import pytest

from tierlane.advisor import ADVISOR_EVENTS
from tierlane.contact.reading import Reader
from tierlane.sample.crew import (
    CONFIRMED,
    FORGOTTEN,
    OFFERED,
    REFUSED,
    REVOKED,
    Crew,
    Member,
    Temper,
)

STEADY = Temper(reaction=(100, 100), service=(1_000, 1_000), away=(5_000, 5_000), heartbeat=400)


class Room:
    """A crew of two at one desk, and what it says, as kind, advisor and the rest."""

    def __init__(self, temper: Temper = STEADY, **about: Any) -> None:
        members = [Member("a-1", "hall", about), Member("a-2", "hall", about, begins=50)]
        self.crew = Crew(members, temper, seed=1)
        self.crew.begin(0)
        self.reader = Reader(ADVISOR_EVENTS)
        self.ids: set[str] = set()

    def at(self, now: int, *, beats: bool = False) -> list[tuple[str, str, dict[str, Any]]]:
        found = []
        for event in self.crew.due(now):
            assert self.reader.check(event).left_out == ()
            assert event["id"] not in self.ids
            self.ids.add(event["id"])
            data = dict(event["data"])
            assert data.pop("desk") == "hall"
            kind = event["type"].split(".")[2]
            if beats or kind != "heartbeat":
                found.append((kind, data.pop("advisor_id"), data))
        return found

    def tell(self, kind: str, now: int, offer: str = "o-1", advisor: str = "a-1") -> None:
        data = {
            "offer_id": offer,
            "contact_id": f"k-{offer}",
            "advisor_id": advisor,
            "desk": "hall",
        }
        self.crew.hear(kind, data, now)


def test_they_sign_on_each_at_their_time_and_beat() -> None:
    room = Room(skills={"ja": 2})
    assert room.at(0) == [("signed_on", "a-1", {"skills": {"ja": 2}})]
    assert room.crew.next == 50
    assert room.at(50) == [("signed_on", "a-2", {"skills": {"ja": 2}})]
    assert room.at(400, beats=True) == [("heartbeat", "a-1", {"contacts": []})]


def test_offer_is_accepted_served_and_finished() -> None:
    room = Room()
    room.at(60)
    room.tell(OFFERED, 60)
    assert room.at(159) == []
    assert room.at(160) == [("accepted", "a-1", {"offer_id": "o-1"})]
    room.tell(CONFIRMED, 200)
    assert ("heartbeat", "a-1", {"contacts": ["k-o-1"]}) in room.at(460, beats=True)
    assert room.crew.busy == 1
    done = ("finished", "a-1", {"contact_id": "k-o-1", "outcome": "solved"})
    assert room.at(1_200) == [done]
    assert room.crew.busy == 0


def test_revoked_is_neither_answered_nor_finished() -> None:
    room = Room()
    room.at(60)
    room.tell(OFFERED, 60)
    room.tell(REVOKED, 100)
    room.tell(OFFERED, 100, "o-2")
    assert room.at(200) == [("accepted", "a-1", {"offer_id": "o-2"})]
    room.tell(CONFIRMED, 250, "o-2")
    room.tell(REVOKED, 300, "o-2")
    assert room.at(9_000) == []
    assert room.crew.busy == 0


def test_confirmed_without_an_offer_here_is_nobodys() -> None:
    room = Room()
    room.at(60)
    room.tell(CONFIRMED, 60)
    room.tell(OFFERED, 60, "o-9", advisor="stranger")
    assert room.at(9_000) == []


def test_one_who_declines_or_says_nothing() -> None:
    room = Room(Temper(accept=0, decline=1, reaction=(100, 100)))
    room.at(60)
    room.tell(OFFERED, 60)
    assert room.at(160) == [("declined", "a-1", {"offer_id": "o-1"})]
    silent = Room(Temper(accept=0, silence=1, reaction=(100, 100)))
    silent.at(60)
    silent.tell(OFFERED, 60)
    assert silent.at(9_000) == []


def test_one_who_vanishes_forgets_everything_and_comes_back() -> None:
    room = Room()
    room.at(60)
    room.tell(OFFERED, 60)
    room.at(160)
    room.tell(CONFIRMED, 200)
    room.crew.vanish("a-1", 300)
    room.tell(OFFERED, 400, "o-2")  # nobody is there to see it
    assert [one for one in room.at(5_299, beats=True) if one[1] == "a-1"] == []
    assert room.at(5_300) == [("signed_on", "a-1", {})]
    assert room.crew.vanished == ["a-1"]
    assert room.at(9_000) == []


def test_one_who_is_there_and_was_called_silent_signs_on_again() -> None:
    room = Room()
    room.at(60)
    room.tell(OFFERED, 60)
    room.at(160)
    room.tell(CONFIRMED, 200)
    about = {"offer_id": "-", "contact_id": "-", "advisor_id": "a-1", "desk": "hall"}
    room.crew.hear(FORGOTTEN, {**about, "reason": "off"}, 250)
    assert room.at(260) == []
    room.crew.hear(FORGOTTEN, {**about, "reason": "silent"}, 300)
    assert room.at(300) == [("signed_on", "a-1", {})]
    assert ("heartbeat", "a-1", {"contacts": []}) in room.at(700, beats=True)
    room.crew.go_home(800)
    room.crew.hear(FORGOTTEN, {**about, "reason": "silent"}, 800)
    assert ("signed_on", "a-1", {}) not in room.at(9_000)


def test_going_home_ends_it() -> None:
    room = Room()
    room.at(60)
    room.crew.go_home(100)
    assert room.at(100) == [("signed_off", "a-1", {}), ("signed_off", "a-2", {})]
    assert room.crew.next is None


@pytest.mark.parametrize("seed", [1, 2])
def test_what_becomes_of_an_offer_hangs_on_seed_and_offer_alone(seed: int) -> None:
    temper = Temper(accept=2, decline=1, silence=1)

    def answers(offers: list[str]) -> dict[str, str]:
        crew = Crew([Member("a-1", "hall")], temper, seed)
        crew.begin(0)
        list(crew.due(0))
        for offer in offers:
            crew.hear(OFFERED, {"offer_id": offer, "contact_id": offer, "advisor_id": "a-1"}, 10)
        said = [one for one in crew.due(900) if "offer_id" in one["data"]]
        return {one["data"]["offer_id"]: one["type"] for one in said}

    names = [f"o-{n}" for n in range(40)]
    assert answers(names) == answers(names[::-1])
    assert 15 < len(answers(names)) < 40
    assert len(set(answers(names).values())) == 2


def test_one_who_comes_back_at_another_desk_is_patient_while_the_first_has_them() -> None:
    crew = Crew([Member("a-1", "hall", also=("tower",))], STEADY, seed=1)
    crew.begin(0)

    def said(now: int) -> list[tuple[str, str]]:
        found = [(one["type"].split(".")[2], one["data"]["desk"]) for one in crew.due(now)]
        return [one for one in found if one[0] != "heartbeat"]

    assert said(0) == [("signed_on", "hall")]
    crew.vanish("a-1", 100)
    assert said(5_100) == [("signed_on", "tower")]
    about = {"offer_id": "-", "contact_id": "-", "advisor_id": "a-1"}
    crew.hear(REFUSED, {**about, "desk": "tower", "reason": "x", "at_desk": "hall"}, 5_200)
    crew.hear(FORGOTTEN, {**about, "desk": "hall", "reason": "silent"}, 5_300)
    assert said(5_600) == [("signed_on", "tower")]
    crew.vanish("a-1", 6_000)
    assert said(11_000) == [("signed_on", "hall")]
