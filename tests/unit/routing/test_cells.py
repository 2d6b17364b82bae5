"""Every cell of the lifecycle table, done: a contact in each state is given each event.

What each effect must leave behind is stated once, in `LEAVES`; the state after it is the table's.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.driver import Sent
from tests.contract.event import contact
from tests.unit.routing.scene import NOW, REVISION, Feed, Told, intake, returned, told
from tierlane.contact.lifecycle import AS_IT_WAS, IN_LINE, TABLE, Cell, Effect
from tierlane.routing.intake import Intake
from tierlane.routing.ledger import FORMAT, POSITION
from tierlane.routing.limit import IntakeLimits
from tierlane.routing.memory import KeptContact, Memory

LIMITS = IntakeLimits()
KEY = "u-1"
SEEN = NOW - 10_000
DUE = SEEN + LIMITS.lapse

IN_SERVICE = KeptContact(
    "k-1",
    "served",
    "d1.e0.0",
    SEEN,
    SEEN,
    DUE,
    KEY,
    1,
    "d1.e0.0.e0",
    data={"channel": "voice", "subject": "order"},
    before=[],
)
WAITING = replace(IN_SERVICE, state="waiting", lane="people", kind="standard", desk="shop")


OTHER = replace(WAITING, id="k-0", origin="d1.e0.9", entry_id="d1.e0.9.e0")
"""Another contact of the customer, which waits."""
JOINS = replace(REVISION, joins=60_000)


def beside(state: str, name: str) -> KeptContact | None:
    """Return the other contact that the event or the state is about, too."""
    if name == "joining":
        return replace(OTHER, data={"channel": "chat", "subject": "order"})
    if state == "joined":
        # What leaves its last channel is over: the other one has left its own.
        later = DUE + LIMITS.over if name == "lapse" else DUE
        gone = name in {"abandoned", "ended", "ended while held"}
        return replace(OTHER, until=later, gone=gone)
    if name == "one channel left":
        return KeptContact("k-0", "joined", "d1.e0.9", SEEN, SEEN, DUE, KEY, joined="k-1")
    return None


def kept(state: str) -> KeptContact | None:
    """Return a contact in the state, as intake would keep it."""
    if state == "unknown":
        return None
    if state in IN_LINE:
        return replace(WAITING, state=state)
    if state in {"served", "wrap-up"}:
        return replace(IN_SERVICE, state=state, advisor="a-1")
    if state == "joined":
        return replace(IN_SERVICE, state=state, data=None, before=None, joined=OTHER.id)
    return replace(IN_SERVICE, state=state, customer="u-2" if state == "elsewhere" else KEY)


HANDED = {"customer_id": KEY, "format": FORMAT, "contact": replace(WAITING, customer=None).pack()}
FROM_CHANNEL: dict[str, dict[str, Any]] = {
    "arrived": {"channel": "voice", "customer_id": KEY},
    "joining": {"channel": "voice", "customer_id": KEY},
    "identified": {"customer_id": "u-9"},
    "identified again": {"customer_id": KEY},
    "feedback": {"score": 4, "scale": [0, 10], "resolved": False, "comment": "slow"},
}
FROM_DESK: dict[str, dict[str, Any]] = {
    "handed over": HANDED,
    "finished": {},
    "returned": {"desk": "shop", "reason": "silent"},
    "replan": {"reason": "asked"},
}


def event(name: str) -> Sent:
    """Return the event of the table's name, as it comes in."""
    kind = (
        name.removesuffix(" again").removesuffix(" while held").replace("handed over", "identified")
    )
    kind = {"joining": "arrived", "one channel left": "abandoned"}.get(kind, kind)
    if name in FROM_DESK:
        return returned(kind, "new", "k-1", KEY, **FROM_DESK[name])
    return contact(kind, "new", NOW, "k-1", KEY, **FROM_CHANNEL.get(name, {"subject": "claim"}))


def only(told: Told, *kinds: str, entered: int = 0, left: int = 0, returns: int = 0) -> None:
    """Assert that nothing but this was written."""
    assert told.kinds == list(kinds)
    assert (len(told.entered), len(told.left), len(told.returns)) == (entered, left, returns)
    assert told.rejected == []


def enter(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "decided", entered=1)
    assert told.entered[0]["entry_no"] == (before.entry_no if before else 0) + 1
    assert "again" not in told.audit[-1]


def decide_again(told: Told, before: KeptContact | None, name: str) -> None:
    # Only what these two bring makes it a claim, which belongs to another lane.
    if name == "returned":  # it was in no lane while somebody served it
        only(told, "decided", entered=1)
        return
    moves = name in {"updated", "transferred"}
    kinds = ["decided", "moved"] if moves else ["decided"]
    only(told, *kinds, entered=int(moves), left=int(moves))
    assert next(one for one in told.audit if one["kind"] == "decided")["again"] is True
    if moves:
        assert (told.left[0]["entry_no"], told.left[0]["reason"]) == (1, "moved")
        assert (told.entered[0]["entry_no"], told.entered[0]["lane"]) == (2, "claims")


def enter_again(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "decided", entered=1)
    assert (told.entered[0]["entry_no"], told.audit[-1]["again"]) == (2, True)


def merge(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "updated")


def hand_over(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "identified", returns=1)
    sent = told.returns[0]
    assert (sent["key"], sent["type"]) == (b"u-9", "tierlane.return.identified.v1")
    assert before is not None
    assert sent["data"]["contact"] == before.pack()


def take_over(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "decided")
    assert told.audit[-1]["again"] is True


def serve(told: Told, before: KeptContact | None, name: str) -> None:
    left = int(before is not None and before.state in IN_LINE)
    only(told, "answered", left=left)
    assert [one["reason"] for one in told.left] == ["answered"] * left


def close(told: Told, before: KeptContact | None, name: str) -> None:
    kind = {"ended while held": "ended", "lapse": "lapsed"}.get(name, name)
    left = int(before is not None and before.state in IN_LINE)
    only(told, kind, left=left)
    assert [one["reason"] for one in told.left] == [kind] * left


def note(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "ended" if name == "ended while held" else name)


def remark(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "feedback")
    said = told.audit[-1]
    assert (said["score"], said["scale"], said["resolved"]) == (4, [0, 10], False)
    assert "slow" not in str(said), "the customer's own words stay out of the audit"


def forward(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "forwarded", returns=1)
    sent = told.returns[0]
    assert (sent["key"], sent["type"]) == (b"u-2", "tierlane.return.forwarded.v1")
    assert sent["data"]["event"]["id"] == "new"


def join(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "joined", "decided")
    assert (told.audit[-2]["contact_id"], told.audit[-2]["into"]) == ("k-1", "k-0")
    assert (told.audit[-1]["contact_id"], told.audit[-1]["again"]) == ("k-0", True)
    assert told.audit[-1]["cause"]["joined"] == "k-1"


def pass_on(told: Told, before: KeptContact | None, name: str) -> None:
    assert {one["contact_id"] for one in told.audit if one["kind"] != "activated"} == {"k-0"}
    if name == "joining":
        name = "arrived"  # it has joined already
    if name == "ended while held":
        name = "ended"
    LEAVES[TABLE["waiting"][name].effect](told, OTHER, name)


def stay(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "left_channel")


def forget(told: Told, before: KeptContact | None, name: str) -> None:
    only(told)


def nothing(told: Told, before: KeptContact | None, name: str) -> None:
    only(told, "no_effect")


LEAVES: dict[Effect, Callable[[Told, KeptContact | None, str], None]] = {
    Effect.ENTER: enter,
    Effect.DECIDE_AGAIN: decide_again,
    Effect.ENTER_AGAIN: enter_again,
    Effect.MERGE: merge,
    Effect.HAND_OVER: hand_over,
    Effect.TAKE_OVER: take_over,
    Effect.SERVE: serve,
    Effect.HOLD: close,
    Effect.CLOSE: close,
    Effect.NOTE: note,
    Effect.REMARK: remark,
    Effect.FORWARD: forward,
    Effect.JOIN: join,
    Effect.PASS_ON: pass_on,
    Effect.STAY: stay,
    Effect.FORGET: forget,
    Effect.NOTHING: nothing,
}

CELLS = [
    pytest.param(state, name, cell, id=f"{state}: {name}")
    for state, row in TABLE.items()
    for name, cell in row.items()
]


@pytest.mark.parametrize(("state", "name", "cell"), CELLS)
def test_cell_does_what_the_table_says(state: str, name: str, cell: Cell) -> None:
    before = kept(state)
    if before is not None and name == "ended while held":
        before.held = True
    if before is not None and name == "identified again" and state == "elsewhere":
        before.customer = KEY
    other = beside(state, name)
    if other is not None and name == "ended while held":
        other.held = True
    machine = intake(revision=JOINS if name == "joining" else REVISION)
    machine.restore(_changelog(before, other))
    feed = Feed(machine)
    if name == "lapse":
        found = told(machine.on_deadline(machine.next_deadline() or 0)) if before else told([])
    else:
        found = told(feed.give(event(name)))
    if before is None and name == "lapse":
        return  # nothing is kept of an unknown contact, so no timer can fire
    if cell.effect is Effect.FORWARD and name == "identified again":
        assert found.returns[0]["key"] == KEY.encode()
    else:
        LEAVES[cell.effect](found, before, _heard(name, state))
    assert _state(machine) == ("waiting" if cell.state == AS_IT_WAS else cell.state)
    if cell.effect is Effect.NOTHING:
        assert found.audit[-1]["reason"] == cell.reason
        # Of an unknown contact nobody can say that it is held or whose it is.
        plain = {"identified again": "identified", "ended while held": "ended"}
        named = plain.get(name, name) if before is None else _heard(name, state)
        named = "abandoned" if name == "one channel left" else named
        assert (found.audit[-1]["state"], found.audit[-1]["event"]) == (state, named)


def _heard(name: str, state: str) -> str:
    """Return what a contact out of line hears: there it leaves its only channel."""
    waits = state in IN_LINE or state == "joined"
    return "abandoned" if name == "one channel left" and not waits else name


def _changelog(*contacts: KeptContact | None) -> list[tuple[bytes, bytes | None]]:
    memory = Memory()
    for one in contacts:
        if one is not None:
            memory.keep(one)
    value, _ = memory.encoded(LIMITS)
    return [(KEY.encode(), value)]


def _state(machine: Intake) -> str:
    values = dict(machine.snapshot())
    values.pop(POSITION)
    memory = Memory(values.get(KEY.encode()))
    found = memory.find("k-1")
    return found.state if found else "unknown"
