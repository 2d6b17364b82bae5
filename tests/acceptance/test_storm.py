"""Workers are killed again and again; a checker of the contracts reads what is left.

Nobody's partitions may stand still for 15 s, so nothing else may run meanwhile.
"""

from dataclasses import replace

import pytest

from storm.__main__ import GAP_SECONDS, failures
from storm.run import Plan, run
from storm.trouble import Storm
from tests.acceptance.conftest import FAULTY

pytestmark = [pytest.mark.timeout(900), pytest.mark.slow, pytest.mark.alone]


async def test_nothing_is_lost_or_twice_and_all_is_as_if_undisturbed(plan: Plan) -> None:
    report = await run(plan)
    assert failures(report) == []
    assert report["arrivals"] >= 50_000
    assert report["partitions"] >= 4
    assert report["kills"] >= 10
    assert report["kills inside an open transaction"] * 2 >= report["kills"]
    assert report["troubles"]["broker_restart"] == 1
    assert {"kill_recovering", "kill_rebalancing", "kill_taken_over"} <= set(report["troubles"])
    assert report["takeovers"] >= 1
    assert report["zombies"] >= 1
    assert report["transactions aborted"] >= report["kills inside an open transaction"]
    assert max(report["longest gap in service by partition (s)"].values()) < GAP_SECONDS


async def test_three_workers_share_eight_partitions_and_lose_nothing_either(plan: Plan) -> None:
    troubles = (Storm.kill_taken_over, Storm.zombie, Storm.kill_rebalancing, Storm.broker_kill)
    chosen = replace(plan, contacts=12_000, workers=3, partitions=8, troubles=troubles, seed=12)
    report = await run(replace(chosen, record=plan.folder / "record"))
    assert failures(report) == []
    assert report["kills"] == 3
    assert report["kills inside an open transaction"] >= 2
    assert len(report["broker away (s)"]) == 1
    assert report["takeovers"] >= 2
    assert len(report["longest gap in service by partition (s)"]) == 8
    replay = report["replay"]
    assert isinstance(replay, dict)
    assert (replay["differences"], replay["profiles_missing"], replay["excused"]) == (0, 0, 0)
    assert replay["audit_records"] == report["audit records"]
    assert replay["decisions"] >= 12_000


async def test_of_three_brokers_two_serve_and_nothing_is_lost_with_the_third(plan: Plan) -> None:
    # How long the leading moves is for a storm by itself: brokers count one of theirs as away
    # after 9 s only.
    troubles = (Storm.node_killed, Storm.node_stopped)
    chosen = replace(plan, contacts=4_000, brokers=3, troubles=troubles, compare=False)
    report = await run(chosen)
    assert report["faults"] == {} and "stuck" not in report
    assert report["arrivals"] == 4_000
    assert len(report["broker away (s)"]) == 2
    assert report["exit codes at SIGTERM"] == [0, 0]


async def test_at_least_once_loses_nothing_and_repeats_only_what_is_known(plan: Plan) -> None:
    troubles = (
        Storm.kill_back_at_once,
        Storm.zombie,
        Storm.broker_restart,
        Storm.kill_rebalancing,
        Storm.kill_back_at_once,
    )
    report = await run(replace(plan, contacts=10_000, troubles=troubles, guarantee="at-least-once"))
    assert failures(report) == []
    assert report["arrivals"] >= 10_000
    assert report["kills"] == 4
    assert report["repeats with a known id"] > 0
    assert report["takeovers"] >= 1


async def test_contacts_handed_to_another_partition_arrive_there_once(plan: Plan) -> None:
    troubles = (Storm.kill_back_at_once, Storm.kill_rebalancing, Storm.zombie)
    report = await run(
        replace(plan, contacts=10_000, troubles=troubles, identified=True, compare=False)
    )
    assert failures(report) == []
    assert report["handed over"] > 50


async def test_batches_that_fail_and_are_rolled_back_leave_no_fault(plan: Plan) -> None:
    report = await run(
        replace(
            plan,
            contacts=6_000,
            troubles=(Storm.kill_back_at_once,),
            command=(*FAULTY, "none-but-failing"),
        )
    )
    assert failures(report) == []
    assert report["transactions aborted"] > 5
