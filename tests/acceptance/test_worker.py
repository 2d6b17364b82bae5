"""How a worker begins and ends, and how two share the work."""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.scene import POLICY, arrival, create_topics, outcome, profile, served
from tests.broker.log import Log
from tests.conftest import Broker
from tests.worker import Worker
from tierlane.stream.catalogue import catalogue

Make = Callable[..., Worker]


async def test_sigterm_ends_it_with_0_within_20_s(log: Log, worker: Make) -> None:
    await create_topics(log)
    one = worker("--policy", str(POLICY))
    one.start()
    one.await_ready()
    await log.write(arrival(number) for number in range(2_000))
    begun = time.monotonic()
    assert one.stop(20) == 0
    assert time.monotonic() - begun < 20


async def test_missing_topics_exit_2_and_say_what_to_do(log: Log, worker: Make) -> None:
    one = worker("--policy", str(POLICY))
    one.start()
    assert one.wait(30) == 2
    assert f"{log.prefix}contact.events" in one.said
    assert "tierlane topics apply" in one.said
    assert "Traceback" not in one.said


async def test_create_topics_makes_what_is_missing(log: Log, worker: Make) -> None:
    one = worker("--policy", str(POLICY), "--create-topics")
    one.start()
    one.await_ready()
    ends = await log.ends(list(catalogue()))
    assert {topic for topic, _ in ends} == set(catalogue())
    assert one.stop() == 0


async def test_unequal_partition_counts_are_refused(log: Log, worker: Make) -> None:
    settings = {name: spec.settings() for name, spec in catalogue().items()}
    profiles = {"customer.profiles": settings.pop("customer.profiles")}
    await log.create(settings, 4)
    await log.create(profiles, 3)
    one = worker("--policy", str(POLICY))
    one.start()
    assert one.wait(30) == 2
    assert "customer.profiles" in one.said
    assert "hint" in one.said
    assert "Traceback" not in one.said


async def test_an_unreadable_policy_exits_2_with_its_place(log: Log, worker: Make) -> None:
    await create_topics(log)
    one = worker("--policy", "policy.yaml")
    (one.folder / "policy.yaml").write_text("tierlane: 1\npolicy: broken\nlanes: 7\n")
    one.start()
    assert one.wait(30) == 2
    assert "policy.yaml:3" in one.said


def lines(one: Worker) -> list[dict[str, Any]]:
    """Return the lines of a worker's log."""
    return [json.loads(line) for line in one.said.splitlines() if line.startswith("{")]


def assigned(one: Worker) -> set[str]:
    """Return the owners that a worker was assigned last, by its log."""
    found = [{*line["kept"], *line["new"]} for line in lines(one) if line["event"] == "assigned"]
    return found[-1] if found else set()


async def test_two_by_one_command_line_in_one_folder_share_the_work(log: Log, worker: Make) -> None:
    await create_topics(log)
    free = {"TIERLANE_WEB_PORT": "0"}
    both = [worker("--policy", str(POLICY), environment=free) for _ in range(2)]
    for one in both:
        one.start()
    numbers = range(4_000)
    for begin in range(0, 4_000, 500):
        await log.write(arrival(number) for number in numbers[begin : begin + 500])
        await asyncio.sleep(1)
    await served(log)
    first, second = map(assigned, both)
    assert first and second and not first & second
    assert first | second == {f"{kind}-{n}" for kind in ("intake", "desk") for n in range(4)}
    assert [one.stop() for one in both] == [0, 0]
    found = await outcome(log)
    everyone = sorted(f"k{number}" for number in numbers)
    assert (found.decided(), found.entered()) == (everyone, everyone)


@pytest.mark.parametrize("store", ["memory", "rocksdb"])
async def test_state_and_profiles_outlive_the_worker(log: Log, worker: Make, store: str) -> None:
    await create_topics(log, 1)
    await log.write([profile("u1", measures={"spend_12m": 200_000.0})])
    settings = {"TIERLANE_PROFILE_STORE": store}
    for number in range(2):
        one = worker("--policy", str(POLICY), environment=settings)
        one.start()
        await log.write([arrival(number, customer="u1"), arrival("-same", customer="u1")])
        await served(log)
        assert one.stop() == 0
    found = await outcome(log)
    assert found.decided() == ["k-same", "k0", "k1"]
    assert [b'"tier":"vip"' in (entry.value or b"") for entry in found.entries] == [True] * 3


def loaded(one: Worker) -> int:
    """Return how many profiles a worker read from the topic, by its log."""
    return sum(line["records"] for line in lines(one) if line["event"] == "profiles loaded")


async def test_a_rolling_restart_does_not_reload_all_profiles(
    kafka: Broker, log: Log, worker: Make
) -> None:
    await create_topics(log)
    await log.write(profile(f"u{number}") for number in range(5_000))
    settings = {"TIERLANE_PROFILE_STORE": "rocksdb"}
    both = [worker("--policy", str(POLICY), environment=settings) for _ in range(2)]
    for one in both:
        one.start()
        one.await_ready()
    await log.write(arrival(number) for number in range(1_000))
    await served(log)
    before = sum(map(loaded, both))
    assert before >= 5_000
    for one in both:
        assert one.stop() == 0
        one.start()
        one.await_ready()
    await log.write(arrival(number) for number in range(1_000, 2_000))
    await served(log)
    assert sum(map(loaded, both)) - before < 100
    assert (await outcome(log)).decided() == sorted(f"k{number}" for number in range(2_000))
