"""Policies that are published while workers run."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest

from tests.acceptance.revisions import (
    FIRST,
    NAME,
    TO_BOT,
    TO_CLAIMS,
    active,
    audits,
    changed,
    digest,
    document,
    pointer,
    publish,
    release,
    took_over,
    until,
)
from tests.acceptance.scene import LANES, arrival, create_topics, event, served
from tests.broker.log import Fresh, Log
from tests.conftest import Broker
from tests.contract.driver import POLICY
from tests.worker import Worker
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.publish.publication import find_in, read_kept, source_of
from tierlane.stream.policy_file import find_file

Make = Callable[..., Worker]
SECOND = changed(TO_CLAIMS)
THIRD = changed(TO_BOT, ("channels: [app]", "channels: [app, voice]"))
OWNERS = 4


@pytest.fixture
async def begun(log: Log, worker: Make) -> Worker:
    """A worker that serves by the first policy's file."""
    await create_topics(log, OWNERS)
    one = worker("--policy", str(POLICY))
    one.start()
    one.await_ready()
    return one


async def lanes(log: Log) -> Counter[tuple[str, str]]:
    """Return how many entries there are, by revision and lane."""
    found: Counter[tuple[str, str]] = Counter()
    async for record in log.read(LANES):
        one = orjson.loads(record.value or b"")
        if one["type"] == "tierlane.lane.entered.v1":
            found[one["data"]["policy"]["revision"], one["data"]["lane"]] += 1
    return found


def gapless(told: list[dict[str, object]]) -> bool:
    """Tell whether each owner's audit records are numbered without a gap."""
    by_owner: dict[object, list[object]] = {}
    for one in told:
        by_owner.setdefault(one["owner"], []).append(one["seq"])
    return all(seqs == list(range(1, len(seqs) + 1)) for seqs in by_owner.values())


async def test_two_workers_change_over_and_each_owner_audits_it_once(
    kafka: Broker, log: Log, worker: Make, begun: Worker, tmp_path: Path
) -> None:
    other = worker("--policy", str(POLICY))
    other.start()
    other.await_ready()
    await log.write(arrival(number) for number in range(300))
    await served(log)
    done = await publish(log, tmp_path, SECOND, "--by", "night shift")
    assert (done["changed"], done["live"], done["number"]) == (True, digest(SECOND), 1)
    await log.write(arrival(number) for number in range(300, 600))
    await took_over(log, digest(SECOND), OWNERS, begun, other)
    await log.write(arrival(number) for number in range(600, 900))
    await served(log)
    assert set((await active(log, digest(SECOND))).values()) == {1}
    told = await audits(log)
    assert gapless(told)
    decided = Counter(one["policy"]["revision"] for one in told if one["kind"] == "decided")
    assert sum(decided.values()) == 900
    assert decided[digest(SECOND)] >= 300
    assert decided[digest(FIRST)] >= 300
    (first, *_) = [one for one in told if one["kind"] == "activated" and "published" in one]
    assert (first["in_flight"], first["before"]) == ("pin", f"{NAME}@{digest(FIRST)}")
    assert set(first["next"]) == {"contact.events"}
    again = await publish(log, tmp_path, SECOND)
    assert (again["changed"], again["number"]) == (False, 1)
    assert begun.stop() == other.stop() == 0


async def test_reroute_that_is_killed_amid_is_taken_up_again(
    kafka: Broker, log: Log, begun: Worker, tmp_path: Path
) -> None:
    count = 8_000
    await log.write(arrival(number) for number in range(count))
    await served(log)
    await publish(log, tmp_path, SECOND, "--in-flight", "reroute")

    while "moved" not in begun.get("/metrics")[1]:
        time.sleep(0.005)  # noqa: ASYNC251  # read often: it is through in two seconds
    begun.kill()
    before = len(await audits(log, "moved"))
    assert 0 < before < count, "the worker was through before it could be killed"
    begun.start()

    async def all_moved() -> bool:
        return len(await audits(log, "moved")) >= count

    await until(all_moved, "not all were moved", [begun])
    assert begun.stop() == 0
    told = await audits(log)
    assert gapless(told)
    assert set((await active(log, digest(SECOND))).values()) == {1}
    moved = Counter(one["contact_id"] for one in told if one["kind"] == "moved")
    assert len(moved) == count
    assert set(moved.values()) == {1}
    decided = Counter(one["contact_id"] for one in told if one["kind"] == "decided")
    assert set(decided.values()) == {2}
    entered = await lanes(log)
    assert entered == {(digest(FIRST), "people"): count, (digest(SECOND), "claims"): count}


async def test_pinned_contacts_stay_and_later_events_follow_the_new_revision(
    log: Log, begun: Worker, tmp_path: Path
) -> None:
    await log.write([arrival(1), arrival(2)])
    await served(log)
    await publish(log, tmp_path, SECOND)
    await took_over(log, digest(SECOND), OWNERS, begun)
    await log.write([event("updated", 1, {"subject": "order"}, key="u1")])
    await served(log)
    told = await audits(log, "decided", "moved")
    assert Counter((one["kind"], one["contact_id"]) for one in told) == {
        ("decided", "k1"): 2,
        ("moved", "k1"): 1,
        ("decided", "k2"): 1,
    }


HOSTILE = {
    "garbage": lambda: [Fresh("policy.revisions", NAME.encode(), b"\xff{")],
    "another shape": lambda: [Fresh("policy.revisions", NAME.encode(), b'{"data":[1,2]}')],
    "no document": lambda: [pointer(9, "0123456789abcdef")],
    "no policy": lambda: [document("00000000deadbeef", "- 1"), pointer(9, "00000000deadbeef")],
    "wrong digest": lambda: [
        document("00000000deadbeef", SECOND),
        pointer(9, "00000000deadbeef"),
    ],
    "8 MB": lambda: [
        document("00000000deadbeef", "a: [" + "x, " * 2_700_000 + "]"),
        pointer(9, "00000000deadbeef"),
    ],
}


async def test_what_cannot_be_used_changes_nothing_and_is_told(
    log: Log, begun: Worker, tmp_path: Path
) -> None:
    await publish(log, tmp_path, SECOND)
    await took_over(log, digest(SECOND), OWNERS, begun)
    for number, (name, records) in enumerate(HOSTILE.items()):
        await log.write(records())
        await until(lambda: begun.get("/readyz")[0] == 503, name, [begun])
        body = begun.get("/readyz")[1]
        assert "cannot be used" in body, (name, body)
        assert 'tierlane_policy_refused{role="live"} 1.0' in begun.get("/metrics")[1]
        await log.write([arrival(number)])
        await served(log)
        # What was live before is made live again, by the command anybody would use.
        healed = FIRST if number % 2 else THIRD
        await publish(log, tmp_path, healed, "--in-flight", "reroute")
        await until(lambda: begun.get("/readyz")[0] == 200, f"{name} is not healed", [begun])
    told = await audits(log, "decided")
    first = {one["contact_id"]: one["policy"]["revision"] for one in reversed(told)}
    assert first == dict.fromkeys((f"k{number}" for number in range(len(HOSTILE))), first["k0"]) | {
        "k0": digest(SECOND),
        **{f"k{n}": digest(FIRST if (n - 1) % 2 else THIRD) for n in range(1, len(HOSTILE))},
    }
    assert begun.running
    assert "Traceback" not in begun.said


async def test_a_worker_that_begins_with_one_it_cannot_use_takes_the_one_before(
    log: Log, worker: Make, begun: Worker, tmp_path: Path
) -> None:
    await publish(log, tmp_path, SECOND)
    await took_over(log, digest(SECOND), OWNERS, begun)
    begun.kill()
    broken = pointer(2, "00000000deadbeef", previous=digest(SECOND))
    await log.write([document("00000000deadbeef", "tierlane: 1\n"), broken])
    other = worker("--policy", str(POLICY))
    other.start()
    await until(lambda: "cannot be used" in other.get("/readyz")[1], "it says nothing", [other])
    await log.write([arrival(1)])
    await served(log)
    (decided,) = await audits(log, "decided")
    assert decided["policy"]["revision"] == digest(SECOND)
    assert set((await active(log, digest(SECOND))).values()) == {1}


async def test_a_shadow_is_asked_beside_the_live_one(
    log: Log, begun: Worker, tmp_path: Path
) -> None:
    done = await publish(log, tmp_path, SECOND, "--shadow")
    assert (done["live"], done["shadow"]) == (None, digest(SECOND))
    await until(lambda: 'role="shadow"} 1.0' in begun.get("/metrics")[1], "no shadow", [begun])
    await asyncio.sleep(0.5)
    await log.write(
        arrival(number, subject="claim" if number % 2 else "order") for number in range(20)
    )
    await served(log)
    shadow = [orjson.loads(one.value or b"")["data"] async for one in log.read(["routing.shadow"])]
    live = await audits(log)
    assert {one["policy"]["revision"] for one in live} == {digest(FIRST)}
    assert {one["policy"]["revision"] for one in shadow} == {digest(SECOND)}
    ids = sorted(one["decision_id"] for one in live if one["kind"] == "decided")
    assert sorted(one["decision_id"] for one in shadow) == ids
    assert Counter(one["lane"] for one in shadow) == {"claims": 20}
    page = begun.get("/metrics")[1]
    assert 'tierlane_happenings_total{label="other_lane",what="shadow"} 10.0' in page
    assert 'tierlane_happenings_total{label="same",what="shadow"} 10.0' in page
    await release(log, "rollback", "--shadow")
    await until(lambda: 'role="shadow"} 1.0' not in begun.get("/metrics")[1], "still", [begun])


async def test_rollback_and_history(log: Log, begun: Worker, tmp_path: Path) -> None:
    await publish(log, tmp_path, FIRST)
    await publish(log, tmp_path, SECOND)
    await took_over(log, digest(SECOND), OWNERS, begun)
    done = await release(log, "rollback", "--reason", "gold waited longer")
    assert (done["live"], done["previous"]) == (digest(FIRST), digest(SECOND))

    async def twice() -> bool:
        return set((await active(log, digest(FIRST))).values()) == {1, 2} or set(
            (await active(log, digest(FIRST))).values()
        ) == {2}

    await until(twice, "not rolled back", [begun])
    told = await release(log, "history")
    assert [(one["action"], one["revision"]) for one in told["history"]] == [
        ("published", digest(FIRST)),
        ("published", digest(SECOND)),
        ("rolled_back", digest(FIRST)),
    ]
    assert (told["live"], told["history"][-1]["reason"]) == (digest(FIRST), "gold waited longer")


async def test_what_is_published_wins_over_the_file_unless_it_is_pinned(
    log: Log, worker: Make, begun: Worker, tmp_path: Path
) -> None:
    await publish(log, tmp_path, SECOND)
    await took_over(log, digest(SECOND), OWNERS, begun)
    begun.stop()
    for number, (options, revision) in enumerate(
        [
            (("--policy", str(POLICY)), SECOND),
            (("--policy", str(POLICY), "--policy-pinned"), FIRST),
            ((), SECOND),
        ]
    ):
        one = worker(*options)
        one.start()
        one.await_ready()
        await log.write([arrival(number)])
        await served(log)
        one.signal(signal.SIGTERM)
        assert one.wait(20) == 0
        (decided,) = [x for x in await audits(log, "decided") if x["contact_id"] == f"k{number}"]
        assert decided["policy"]["revision"] == digest(revision)
        assert ("the published revision holds" in one.said) == (number == 0)


async def test_a_worker_without_any_policy_exits_2(log: Log, worker: Make) -> None:
    await create_topics(log)
    one = worker()
    one.start()
    assert one.wait(30) == 2
    assert "a worker needs a policy" in one.said
    assert "tierlane policy publish" in one.said
    assert "Traceback" not in one.said


async def test_two_who_publish_at_once_do_not_overwrite_each_other(
    kafka: Broker, log: Log, tmp_path: Path
) -> None:
    await create_topics(log, OWNERS)
    texts = [SECOND, THIRD, FIRST]
    done = await asyncio.gather(
        *(publish(log, tmp_path, text) for text in texts), return_exceptions=True
    )
    told = await release(log, "history")
    made = [one for one in done if isinstance(one, dict)]
    assert made
    assert [one["number"] for one in told["history"]] == list(range(1, len(made) + 1))
    assert {one["revision"] for one in told["history"]} == {one["revision"] for one in made}


async def test_an_overlay_is_whole_on_the_topic_without_the_file_it_extends(
    log: Log, tmp_path: Path
) -> None:
    await create_topics(log, OWNERS)
    (tmp_path / "base.yaml").write_text(FIRST)
    (tmp_path / "region").mkdir()
    overlay = tmp_path / "region" / "eu.yaml"
    hashes = []
    for answer in ("20s", "40s"):
        overlay.write_text(
            "tierlane: 1\npolicy: eu\nextends: ../base.yaml\n"
            f"promises: {{default: {{answer: {answer}}}}}\n"
        )
        done = await release(log, "publish", str(overlay))
        hashes.append(compile_policy(overlay.read_bytes(), str(overlay), find_file).hash)
        assert (done["changed"], done["live"]) == (True, hashes[-1])
    (tmp_path / "base.yaml").unlink()
    overlay.unlink()
    found = {}
    async for record in log.read(["policy.revisions"]):
        if record.key and b"@" in record.key:
            name, _, revision = record.key.decode().partition("@")
            kept = read_kept(record.value or b"", name, revision)
            text = kept["document"].encode()
            found[revision] = compile_policy(text, source_of(kept), find_in(kept))
    assert [found[one].hash for one in hashes] == hashes
    assert len({*hashes}) == 2
    done = await release(log, "rollback")  # it is examined again, from the topic alone
    assert (done["changed"], done["live"]) == (True, hashes[0])
