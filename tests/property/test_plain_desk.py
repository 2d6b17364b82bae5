"""The desk makes the changes that a plain one makes, which asks all advisors about all contacts."""

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.plain_desk import PlainDesk
from tests.property.test_waiting_law import POLICY, TWO_AT_ONCE, History, Row, histories
from tests.unit.routing.hall import revision
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting import pairing
from tierlane.routing.waiting.managed import ManagedDesk


def _desk(offer: str, more: str) -> Revision:
    return revision("offer: {lasts: 10s}", f"offer: {{{offer}}}\n    {more}")


SCORE_FIRST = _desk("lasts: 9s", "order: [score, rank, promise]")
RANKLESS = _desk("lasts: 10s, again: 5s", "order: [promise, waited]\n    choose: [turn]")
SKILLED = _desk("lasts: 10s", "choose: [rank, fit, idle]")
BY_DESK = revision("per: advisor, most: 1}", "per: desk, most: 2, within: 30s}")
OPEN = revision("per: advisor, most: 1}", "per: desk, most: 1}")
POLICIES = (POLICY, TWO_AT_ONCE, SCORE_FIRST, RANKLESS, SKILLED, BY_DESK, OPEN)


@given(histories, st.sampled_from(range(len(POLICIES))), st.integers(0, 12), st.booleans())
@settings(max_examples=100)
def test_it_makes_the_changes_that_a_plain_desk_makes(
    rows: list[Row], policy: int, every: int, few: bool
) -> None:
    with patch.object(pairing, "FEW", 8 if few else 0):
        _compare(rows, POLICIES[policy], every)


def _compare(rows: list[Row], policy: Revision, every: int) -> None:
    real, plain = History(policy), History(policy, PlainDesk)
    for number, row in enumerate(rows):
        if every and number % every == 0:  # what is derived is made anew
            snapshot = real.desk.snapshot()
            real.hall.desk = ManagedDesk.restore(snapshot, {policy.hash: policy})
        assert real.tell(row) == plain.tell(row)
        real.look()
