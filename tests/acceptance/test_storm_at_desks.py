"""Workers are killed while advisors answer; a checker of the contracts reads what is left."""

from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from storm.__main__ import GAP_SECONDS, failures
from storm.desk.run import run
from storm.run import Plan
from storm.trouble import Storm
from tests.broker.kafka import unavailable

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]


@pytest.fixture
def plan(tmp_path: Path, not_run: Callable[[str], NoReturn]) -> Plan:
    """A storm of three kills and a zombie over 900 contacts, in a folder of its own."""
    if reason := unavailable():
        not_run(f"needs real Apache Kafka: {reason}")
    return Plan(
        contacts=900,
        kills=3,
        seed=21,
        folder=tmp_path,
        troubles=(Storm.kill_back_at_once, Storm.zombie, Storm.kill_rebalancing),
        settings={"TIERLANE_SESSION_TIMEOUT": "4", "TIERLANE_HEARTBEAT_INTERVAL": "1"},
    )


async def test_no_offer_is_lost_or_made_to_two_and_no_room_leaks(plan: Plan) -> None:
    report = await run(plan)
    assert failures(report) == []
    assert report["contacts"] == 900
    assert report["kills"] == 3
    assert report["zombies"] == 1
    assert report["replay"]["differences"] == 0
    assert report["replay"]["decisions"] >= 900
    kinds = report["audit records"]
    assert kinds["confirmed"] >= 700
    assert min(kinds[one] for one in ("declined", "expired", "vanished", "returned", "left")) > 0
    assert max(report["longest gap in service by partition (s)"].values()) < GAP_SECONDS
