"""The checker of the storms finds what is wrong where something is."""

from dataclasses import replace

import pytest

from storm.run import Plan, run
from storm.trouble import Storm, Trouble
from tests.acceptance.conftest import FAULTY

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow]


@pytest.mark.parametrize(
    ("fault", "troubles", "found"),
    [
        ("offset-outside", (Storm.kill_back_at_once,) * 3, "lost"),
        ("state-kept", (Storm.kill_back_at_once,), "lost"),
        ("fence-skipped", (Storm.zombie,) * 2, "twice"),
    ],
)
async def test_the_checker_finds_a_fault_put_in_on_purpose(
    plan: Plan, fault: str, troubles: tuple[Trouble, ...], found: str
) -> None:
    # The session is short, so that a zombie wakes before the broker ends its open transaction.
    session = {"TIERLANE_SESSION_TIMEOUT": "4", "TIERLANE_HEARTBEAT_INTERVAL": "1"}
    report = await run(
        replace(
            plan,
            contacts=6_000,
            troubles=troubles,
            settings=session,
            compare=False,
            patience=15,
            command=(*FAULTY, fault),
        )
    )
    assert found in report["faults"]
