"""Counting what came out: one decision of its own and one current lane entry for each contact."""

from itertools import permutations

import pytest

from tierlane.stream.tally import Tally


def decided(contact: str, number: int = 1, *, again: bool = False) -> dict:
    return {
        "decision_id": f"{contact}.d{number}",
        "kind": "decided",
        "contact_id": contact,
        "again": again,
        "lane_kind": "standard",
        "tier": {"name": "standard", "rule": "tiers/default"},
        "errors": [],
        "cause": {"topic": "contact.events", "partition": 0, "offset": number},
    }


def entry(contact: str, number: int = 1, lane: str = "people") -> dict:
    return {
        "entry_id": f"{contact}.e{number}",
        "entry_no": number,
        "contact_id": contact,
        "lane": lane,
        "kind": "standard",
        "tier": "gold",
    }


def served(*contacts: str) -> Tally:
    tally = Tally()
    for contact in contacts:
        tally.audit(decided(contact))
        tally.entered(entry(contact))
    return tally


def test_nothing_is_wrong_with_one_decision_and_one_entry_each() -> None:
    tally = served("k1", "k2")
    assert tally.faults(2) == []
    assert tally.table() == {("standard", "people", "gold"): 2}


def test_a_move_counts_once_where_the_contact_is_now() -> None:
    tally = served("k1")
    tally.audit(decided("k1", 2, again=True))
    tally.entered(entry("k1", 2, "after-sales"))
    tally.left(entry("k1"))
    assert tally.faults(1) == []
    assert tally.again == 1
    assert tally.table() == {("standard", "after-sales", "gold"): 1}


def test_who_left_the_lane_served_is_still_counted_there() -> None:
    tally = served("k1")
    tally.left(entry("k1"))
    assert tally.faults(1) == []
    assert sum(tally.table().values()) == 1


def test_repeats_with_known_ids_count_once() -> None:
    tally = served("k1", "k1")
    assert tally.faults(1) == []
    assert (tally.records, tally.repeated) == (1, 1)
    assert tally.complete(1)
    assert not tally.complete(2)


@pytest.mark.parametrize(
    ("spoil", "fault"),
    [
        (lambda t: t.audit(decided("k1", 9)), "1 contacts were decided twice"),
        (lambda t: t.audit(decided("k9")), "of 2 contacts 3 were decided"),
        (lambda t: t.entered(entry("k9")), "of 2 contacts 3 are in a lane"),
        (lambda t: t.entered(entry("k1", 2)), "1 contacts are in no lane or in several"),
        (lambda t: t.entered(entry("k1", 3)), "1 contacts are in no lane or in several"),
    ],
)
def test_every_fault_is_told(spoil, fault: str) -> None:
    tally = served("k1", "k2")
    spoil(tally)
    assert fault in tally.faults(2)


def test_missing_decisions_and_entries_are_told() -> None:
    assert served("k1").faults(2) == [
        "of 2 contacts 1 were decided",
        "of 2 contacts 1 are in a lane",
    ]


def test_notes_count_as_causes_and_by_kind() -> None:
    tally = served("k1")
    note = {"decision_id": "n", "kind": "ended", "cause": decided("k1", 2)["cause"]}
    tally.audit(note)
    assert tally.complete(2)
    assert tally.noted == {"decided": 1, "ended": 1}


def test_a_contact_handed_on_is_complete_once_taken_over() -> None:
    tally = served("k1")
    tally.audit({"decision_id": "n", "kind": "identified", "cause": decided("k1", 2)["cause"]})
    assert not tally.complete(2)
    cause = {"topic": "intake.returns", "partition": 1, "offset": 0}
    tally.audit(decided("k1", 3, again=True) | {"cause": cause})
    assert tally.complete(2)


def test_the_sample_of_a_kind_is_telling_and_the_same_in_any_order() -> None:
    earned = {"tier": {"name": "gold", "rule": "tiers/card/gold"}}
    plain, first, second = decided("k1"), decided("k2") | earned, decided("k10") | earned
    faulty = decided("k0") | earned | {"errors": [{"error": "missing_profile", "at": "profile"}]}
    rows = [plain, faulty, first, second]
    for order in permutations(rows):
        tally = Tally()
        for row in order:
            tally.audit(row)
        assert tally.samples == {"standard": first}
