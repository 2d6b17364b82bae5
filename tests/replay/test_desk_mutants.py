"""Mutants of managed desks: each is found on their golden recording.

As in `test_mutants`, a mutant is one function with one thing in it changed.
"""

from typing import Any

import pytest

from tests.replay.floor import FIRST, SECOND
from tests.replay.test_mutants import differences, golden, mutate
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.form.capacity import Capacity
from tierlane.policy.line import ordering
from tierlane.replay.stored import StoredRecord
from tierlane.routing.desk import Desk
from tierlane.routing.hosting.claiming import Claiming
from tierlane.routing.hosting.host import Host
from tierlane.routing.hosting.telling import Telling
from tierlane.routing.hosting.whereabouts import Whereabouts
from tierlane.routing.waiting import group, meeting, stepping
from tierlane.routing.waiting.asking import Asking
from tierlane.routing.waiting.hearing import Hearing
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.routing.waiting.news import News
from tierlane.routing.waiting.operating import Operating
from tierlane.routing.waiting.ranking import Ranking
from tierlane.routing.waiting.spending import Spending
from tierlane.routing.waiting.staff import Staff
from tierlane.routing.waiting.state import DeskState
from tierlane.routing.waiting.stepping import Stepping

MUTANTS: dict[str, tuple[Any, str, str, str]] = {
    "tie-break of advisors": (Ranking, "key", ", seat.id,", ", seat.id[::-1],"),
    "ageing": (
        ordering, "lasting_score", "credit, priority.every)", "credit, priority.every + 1_000)",
    ),
    "ageing seen late": (ordering, "lasting_score", "else left", "else inf"),
    "bound": (Operating, "look", "contact.arrived - bound", "contact.arrived - 2 * bound"),
    "capacity": (Capacity, "refuses", "self.units + 1e-6", "self.units + 50"),
    "room given back": (Staff, "let_go", "seat.add(channel, -1)", "pass"),
    "expiry of offers": (DeskState, "make_offer", "offer.lasts", "offer.lasts + 50"),
    "wrap-up": (Staff, "let_go", "now + wrapping", "now + wrapping // 2"),
    "idle since": (Staff, "let_go", "seat.idle_since = now", "pass"),
    "time of a step": (Stepping, "_enter", "moment(contact, ends)", "moment(contact, ends) + 400"),
    "escalation": (Stepping, "_take_over", "plan, 0", "plan, 1"),
    "why a plan took over": (Stepping, "walk", "timely = not refused", "timely = refused"),
    "budget": (Spending, "left", "budget.most - spent", "budget.most + 1 - spent"),
    "budget over a time": (Spending, "_counts", "< budget.within", "< budget.within // 4"),
    "budget given back": (
        DeskState, "end_offer", "self.give_back(key, self.spending.offered)", "pass",
    ),
    "silence": (News, "next", "return at + after", "return at + after + 300"),
    "what the silent had": (Hearing, "vanish", "for name in list(seat.held)", "for name in ()"),
    "passed over": (Stepping, "_pass", "(*contact.passed_over, (", "((")  ,
    "lane seen late": (group, "_sight", "[(age, rank)", "[(age + 500, rank)"),
    "rounds": (meeting, "_may", "not lanes[group].isdisjoint(row.lanes)", "True"),
    "asked again": (Staff, "_not_again", "now + again", "now + again // 3"),
    "age kept on the way": (Stepping, "_hand_over", "contact.arrived,", "now,"),
    "pause": (stepping, "put_off", "contact.paused += more", "pass"),
    "expected wait": (Asking, "expected_wait", "(waiting + 1)", "waiting"),
    "steps that ended in a standstill": (
        ManagedDesk, "caught_up", "self.firing.fire(", "(lambda *_: 0)(",
    ),
    "heartbeats after a standstill": (
        ManagedDesk, "caught_up", "state.hear_from(state.seats[advisor_id], now)", "pass",
    ),
    "signed off too early": (Staff, "see_off", "seat.leaving and seat.held", "False"),
    "known events": (Desk, "_on_advisor", "if name in advisor.heard", "if False"),
    "number of an entry": (Telling, "_enter", "card.entry_no += 1", "card.entry_no = 1"),
    "lane left when answered": (Telling, "_move", '"answered")', '"moved")'),
    "at two desks at once": (
        Whereabouts, "_on_claimed", 'known.desk in ("", data["desk"])', "known",
    ),
    "at no desk any more": (Whereabouts, "_on_yielded", 'desk="", claim=""', 'claim=""'),
    "said before the claim was granted": (Claiming, "_said", "if asked.state", "if False"),
    "sent after a contact": (Host, "_forward", "isinstance(event, Updated)", "False"),
}  # fmt: skip


def floor() -> tuple[StoredRecord, ...]:
    return golden("floor.jsonl.gz")


def found() -> list[str]:
    """Return the differences, by revisions that remember nothing from before."""
    return differences(
        floor(), *(compile_policy(one.encode(), "floor.yaml") for one in (FIRST, SECOND))
    )


def test_the_golden_recording_of_desks_holds():
    """Where this fails, a release changes what a policy means; the changelog must say so."""
    assert len(floor()) > 2_000
    assert found() == []


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_of_desks_is_found(name, monkeypatch):
    mutate(monkeypatch, *MUTANTS[name])
    assert found()
