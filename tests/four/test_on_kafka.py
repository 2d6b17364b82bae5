"""A few timelines four ways on the run's broker; all of them by `python -m tests.four`."""

import pytest

from tests.conftest import Broker
from tests.four.stock import files, pieces
from tests.four.ways import four_ways

CHOSEN = (
    "EX-36 ten minutes of standstill",
    "SN-01 three of each lane",
)
"""Some 8 s each: one stands still, one has everything accepted in rounds."""


@pytest.mark.parametrize("begins", CHOSEN)
def test_a_timeline_comes_to_the_same_four_ways(begins: str, kafka: Broker, prefix: str) -> None:
    (piece,) = [one for one in pieces(files()) if one.case.name.startswith(begins)]
    ways = four_ways(piece, kafka.address, prefix)
    assert ways.told() == []
    assert ways.equal == (True, True, True, True)
    assert ways.verified
