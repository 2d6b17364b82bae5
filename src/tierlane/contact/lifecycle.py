"""What each event does in each state of a contact: one table, and nothing beside it.

`STATES` are the eight a contact can be in, and three that intake needs: `unknown` (never heard of,
or kept no longer), `elsewhere` (handed to the customer it turned out to belong to) and `joined`
(one with another contact of the customer, on another channel). A cell names an effect and the state
after it; without an effect it names why, and that is audited too.
"""

from enum import Enum
from typing import Final, NamedTuple

STATES: Final = (
    "unknown",
    "arrived",
    "waiting",
    "offered",
    "served",
    "wrap-up",
    "ended",
    "abandoned",
    "lapsed",
    "elsewhere",
    "joined",
)
"""`arrived` and `offered` are a managed desk's: on the way into its line, and put to an advisor."""

AS_IT_WAS: Final = "as it was"
"""Stands for the state in which the other partition handed the contact over."""

OPEN_STATES: Final = frozenset({"arrived", "waiting", "offered", "served", "wrap-up"})
"""The states of a contact that is not over."""

IN_LINE: Final = frozenset({"arrived", "waiting", "offered"})
"""The states of a contact that has a lane to leave."""

EVENTS: Final = {
    "arrived": "`tierlane.contact.arrived.v1`",
    "joining": "the same of a customer whose contact is open on another channel, where the policy "
    "joins them",
    "updated": "`tierlane.contact.updated.v1`",
    "identified": "`tierlane.contact.identified.v1` with another customer than the contact has",
    "identified again": "the same with the customer the contact has already",
    "handed over": "`tierlane.return.identified.v1`, at the customer's own partition",
    "answered": "`tierlane.contact.answered.v1`, `tierlane.return.answered.v1`",
    "transferred": "`tierlane.contact.transferred.v1`",
    "abandoned": "`tierlane.contact.abandoned.v1`",
    "ended": "`tierlane.contact.ended.v1`",
    "ended while held": "the same while an advisor of a desk still holds the contact",
    "one channel left": "abandoned or ended on one channel while the contact waits on another",
    "feedback": "`tierlane.contact.feedback.v1`",
    "finished": "`tierlane.return.finished.v1`: the advisor is done with it",
    "returned": "`tierlane.return.returned.v1`: its advisor has it no more, and it waits again",
    "replan": "`tierlane.return.replan.v1`",
    "lapse": "the timer: nothing was heard for longer than contacts are kept",
}
"""Events by the name the table uses, and what they are on the topics."""


class Effect(Enum):
    """What intake does; the value is how the reference page puts it."""

    ENTER = "decide; enter a lane"
    DECIDE_AGAIN = "merge, decide again; move if the lane is another; age kept"
    ENTER_AGAIN = "merge, decide again; a new entry in any case; age kept"
    MERGE = "merge; no decision, since somebody serves it"
    HAND_OVER = "hand to the customer's partition"
    TAKE_OVER = "take over with age and entry; decide again if it waits"
    SERVE = "leave the lane; remember the advisor"
    HOLD = "note that the customer is gone and the advisor is not"
    CLOSE = "leave the lane; keep the outcome"
    NOTE = "keep the outcome or feedback"
    REMARK = "audit what the customer says of it"
    FORWARD = "send after it to the customer's partition"
    JOIN = "join that contact: merge there; decide again if it waits"
    PASS_ON = "do it to the contact it joined"
    STAY = "note that it left one channel"
    FORGET = "forget it"
    NOTHING = "no effect"


class Cell(NamedTuple):
    """What happens: an effect and the next state, or no effect and why."""

    effect: Effect
    state: str
    reason: str = ""


def _nothing(state: str, reason: str) -> Cell:
    return Cell(Effect.NOTHING, state, reason)


def _in_line(state: str) -> dict[str, Cell]:
    """Return the row of a contact that waits to be served."""
    return {
        "arrived": Cell(Effect.DECIDE_AGAIN, state),
        "joining": Cell(Effect.DECIDE_AGAIN, state),
        "updated": Cell(Effect.DECIDE_AGAIN, state),
        "identified": Cell(Effect.HAND_OVER, "elsewhere"),
        "identified again": _nothing(state, "customer known already"),
        "handed over": _nothing(state, "here already"),
        "answered": Cell(Effect.SERVE, "served"),
        "transferred": Cell(Effect.DECIDE_AGAIN, state),
        "abandoned": Cell(Effect.CLOSE, "abandoned"),
        "ended": Cell(Effect.CLOSE, "ended"),
        "ended while held": Cell(Effect.CLOSE, "ended"),
        "one channel left": Cell(Effect.STAY, state),
        "feedback": Cell(Effect.REMARK, state),
        "finished": Cell(Effect.CLOSE, "ended"),
        "returned": _nothing(state, "waits already"),
        "replan": Cell(Effect.DECIDE_AGAIN, state),
        "lapse": Cell(Effect.CLOSE, "lapsed"),
    }


def _with_advisor(state: str) -> dict[str, Cell]:
    """Return what a contact in service and one in wrap-up have in common."""
    return {
        "arrived": Cell(Effect.MERGE, state),
        "joining": Cell(Effect.MERGE, state),
        "updated": Cell(Effect.MERGE, state),
        "identified": Cell(Effect.HAND_OVER, "elsewhere"),
        "identified again": _nothing(state, "customer known already"),
        "handed over": _nothing(state, "here already"),
        "transferred": Cell(Effect.ENTER_AGAIN, "waiting"),
        "feedback": Cell(Effect.REMARK, state),
        "finished": Cell(Effect.CLOSE, "ended"),
        "returned": Cell(Effect.DECIDE_AGAIN, "waiting"),
        "replan": _nothing(state, "served already"),
        "lapse": Cell(Effect.CLOSE, "lapsed"),
    }


def _over(state: str, **other: Cell) -> dict[str, Cell]:
    """Return the row of a contact that is over."""
    row = {name: _nothing(state, "over already") for name in EVENTS}
    row |= {
        "arrived": Cell(Effect.ENTER, "waiting"),
        "joining": Cell(Effect.JOIN, "joined"),
        "handed over": Cell(Effect.TAKE_OVER, AS_IT_WAS),
        "ended": Cell(Effect.NOTE, state),
        "ended while held": Cell(Effect.NOTE, state),
        "feedback": Cell(Effect.REMARK, state),
        "finished": Cell(Effect.NOTE, state),
        "lapse": Cell(Effect.FORGET, "unknown"),
    }
    return row | other


TABLE: Final[dict[str, dict[str, Cell]]] = {
    "unknown": {name: _nothing("unknown", "unknown contact") for name in EVENTS}
    | {
        "arrived": Cell(Effect.ENTER, "waiting"),
        "joining": Cell(Effect.JOIN, "joined"),
        "handed over": Cell(Effect.TAKE_OVER, AS_IT_WAS),
        "feedback": Cell(Effect.REMARK, "unknown"),
    },
    "arrived": _in_line("arrived"),
    "waiting": _in_line("waiting"),
    "offered": _in_line("offered"),
    "served": _with_advisor("served")
    | {
        "answered": Cell(Effect.SERVE, "served"),
        "abandoned": Cell(Effect.CLOSE, "ended"),
        "ended": Cell(Effect.CLOSE, "ended"),
        "ended while held": Cell(Effect.HOLD, "wrap-up"),
        "one channel left": Cell(Effect.CLOSE, "ended"),
    },
    "wrap-up": _with_advisor("wrap-up")
    | {
        "answered": _nothing("wrap-up", "served already"),
        "abandoned": _nothing("wrap-up", "served already"),
        "ended": Cell(Effect.NOTE, "wrap-up"),
        "ended while held": Cell(Effect.NOTE, "wrap-up"),
        "one channel left": _nothing("wrap-up", "served already"),
    },
    "ended": _over("ended"),
    "abandoned": _over("abandoned", answered=Cell(Effect.SERVE, "served")),
    "lapsed": _over("lapsed", answered=Cell(Effect.SERVE, "served")),
    "elsewhere": {name: Cell(Effect.FORWARD, "elsewhere") for name in EVENTS}
    | {
        "handed over": Cell(Effect.TAKE_OVER, AS_IT_WAS),
        "lapse": Cell(Effect.FORGET, "unknown"),
    },
    "joined": {name: Cell(Effect.PASS_ON, "joined") for name in EVENTS}
    | dict.fromkeys(
        ("abandoned", "ended", "ended while held", "finished"), Cell(Effect.PASS_ON, "ended")
    )
    | {
        "handed over": Cell(Effect.TAKE_OVER, AS_IT_WAS),
        "one channel left": Cell(Effect.STAY, "ended"),
        "lapse": Cell(Effect.FORGET, "unknown"),
    },
}
"""State → event → cell; every state has a cell for every event."""
