"""A timer of a desk on which our own code raises is given up, told of, and stops nobody else."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.contract.event import arrived
from tests.unit.routing.floor import Floor
from tests.unit.routing.hall import Hall, kinds
from tierlane.routing.waiting.firing import TimerFailed
from tierlane.routing.waiting.hearing import Hearing
from tierlane.routing.waiting.pairing import Pairing
from tierlane.routing.waiting.staff import Staff
from tierlane.routing.waiting.stepping import Stepping

Broken = Callable[..., Any]


@pytest.fixture
def floor() -> Floor:
    """Two contacts whose step ends after a second, and nobody there."""
    made = Floor()
    for name in ("k-1", "k-2"):
        made.give(arrived(made.now, name, f"u-{name}", subject="claim"))
    made.now += 5_000
    return made


def _spoil(monkeypatch: pytest.MonkeyPatch, of: type, name: str, when: Broken) -> None:
    whole = getattr(of, name)

    def spoilt(*given: Any, **more: Any) -> Any:
        if when(*given):
            raise ZeroDivisionError("u-k-1 wants a loan")
        return whole(*given, **more)

    monkeypatch.setattr(of, name, spoilt)


def _fire(floor: Floor) -> None:
    floor.take(floor.desk, floor.desk.on_deadline(floor.now))


def _failed(floor: Floor) -> list[dict[str, Any]]:
    return [one for one in floor.audits if one["kind"] == "timer_failed"]


def test_a_step_that_cannot_end_leaves_its_contact_where_it_is_and_all_others_go_on(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, Stepping, "walk", lambda _, contact, now: contact.id == "k-1")
    _fire(floor)
    assert floor.lanes == [("k-1", "people"), ("k-2", "people"), ("k-2", "senior")]
    (failed,) = _failed(floor)
    assert (failed["contact_id"], failed["reason"]) == ("k-1", "step: ZeroDivisionError")
    assert failed["cause"]["timer"] == "desk"
    assert failed["cause"]["fired"] - failed["cause"]["due"] == 4_000
    assert "loan" not in str(floor.audits)
    due = floor.desk.next_deadline()
    assert due is None or due > floor.now
    floor.tell("signed_on")
    assert {one["contact_id"] for one in floor.told if one["type"] == "offered"} == {"k-1"}


def test_it_is_counted_and_told_once(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    _spoil(monkeypatch, Stepping, "walk", lambda _, contact, now: contact.id == "k-1")
    effects = floor.desk.on_deadline(floor.now)
    assert effects.counts["errors", "timer"] == 1
    floor.take(floor.desk, effects)
    floor.now += 60_000
    _fire(floor)
    floor.reopen(floor.desk.revision)  # type: ignore[arg-type]
    _fire(floor)
    assert len(_failed(floor)) == 1


def test_a_record_is_not_put_aside_for_a_timer_that_fires_before_it(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, Stepping, "walk", lambda _, contact, now: contact.id == "k-1")
    floor.tell("signed_on")
    assert [one["kind"] for one in floor.audits][-6:] == [
        "timer_failed", "moved", "claimed", "granted", "signed_on", "offered",
    ]  # fmt: skip


def test_what_was_rolled_back_is_given_up_when_it_is_done_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, Stepping, "walk", lambda _, contact, now: contact.id == "k-1")
    once = floor.desk.on_deadline(floor.now)
    floor.desk.rollback()
    again = floor.desk.on_deadline(floor.now)
    assert (once.outputs, once.changes) == (again.outputs, again.changes)


def test_an_offer_that_cannot_expire_is_over(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    floor.tell("signed_on")
    offer = floor.told[-1]
    floor.heard()
    _spoil(monkeypatch, Staff, "refused", lambda *_: True)
    floor.now += 70_000
    _fire(floor)
    assert floor.heard("offer_id", "reason")[0] == ("revoked", offer["offer_id"], "expired")
    (failed,) = _failed(floor)
    assert (failed["advisor"], failed["offer"]) == ("a-1", offer["offer_id"])
    assert failed["reason"] == "offer: ZeroDivisionError"


def test_a_timer_after_which_nothing_can_be_offered_is_to_blame(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, Pairing, "pair", lambda pairing, now: bool(pairing.state.fresh))
    _fire(floor)
    assert len(_failed(floor)) == 2
    assert floor.lanes == [("k-1", "people"), ("k-2", "people")]


def test_an_advisor_who_cannot_vanish_is_expected_anew(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    floor.tell("signed_on")
    floor.tell("heartbeat", contacts=[])
    _spoil(monkeypatch, Hearing, "vanish", lambda *_: True)
    silence = floor.now + 60_000
    floor.now = silence
    _fire(floor)
    (failed,) = _failed(floor)
    assert (failed["advisor"], failed["reason"]) == ("a-1", "silence: ZeroDivisionError")
    assert "vanished" not in {one["kind"] for one in floor.audits}


def test_one_that_fails_at_being_given_up_is_only_told_of(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    _spoil(monkeypatch, Stepping, "walk", lambda _, contact, now: contact.id == "k-1")
    from tierlane.routing.waiting.firing import Firing

    _spoil(monkeypatch, Firing, "_end", lambda *_: True)
    _fire(floor)
    assert [one["reason"] for one in _failed(floor)] == ["step: twice"]
    assert ("k-2", "senior") in floor.lanes


def test_a_desk_by_itself_tells_which_timer_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    hall = Hall()
    hall.come(1, "k1", subject="far")
    _spoil(monkeypatch, Stepping, "walk", lambda *_: True)
    with pytest.raises(TimerFailed, match=r"^a timer of a desk failed: step: ZeroDivision"):
        hall.at(20)
    monkeypatch.undo()
    assert "handed over" not in kinds(hall.changes)
