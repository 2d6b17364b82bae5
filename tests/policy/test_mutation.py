"""No row of a pack could go, or turn into its opposite, without a case or the check noticing."""

import pytest

from tests.policy.practice import names, unnoticed


@pytest.mark.parametrize("name", names())
def test_every_row_is_held_by_a_case(name: str) -> None:
    told = [f"{one.row.name} {one.how}" for one in unnoticed(name)]
    assert told == []
