"""A worker with managed desks: an operator's orders by the command, and advisors' home desks.

One worker for both: 10 s, most of which is its start.
"""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.acceptance.revisions import audits, tierlane, until
from tests.acceptance.scene import arrival, create_topics, profile
from tests.broker.log import Fresh, Log
from tests.contract.event import cloud_event
from tests.worker import Worker

POLICY = """
tierlane: 1
policy: homes
desks: {hall: {}, vault: {}}
lanes:
  people: {kind: standard, desk: hall}
  hall-keeper: {kind: dedicated, desk: hall}
  vault-keeper: {kind: dedicated, desk: vault}
  rest: {kind: standard, desk: hall}
plans:
  - plan: keeper
    when: profile.dedicated_advisor != null
    steps:
      - {lane: vault-keeper, who: [advisor.id == profile.dedicated_advisor], until: 1h}
      - {lane: people}
  - {plan: everybody, steps: [{lane: people}, {lane: rest}]}
finally: {until: 24h, close: sorry}
fallback: rest
"""
HALL, VAULT = "hall", "vault"
Make = Callable[..., Worker]

pytestmark = pytest.mark.usefixtures("kafka")


def listed(advisor: str, desk: str | None) -> Fresh:
    """Make an entry of the directory, or take one out."""
    if desk is None:
        return Fresh("advisor.directory", advisor.encode(), None)
    value = {
        "specversion": "1.0",
        "id": f"{advisor}-{desk}",
        "source": "wfm",
        "type": "tierlane.advisor.listed.v1",
        "time": "2026-03-02T12:00:00Z",
        "data": {"advisor_id": advisor, "desk": desk},
    }
    return Fresh("advisor.directory", advisor.encode(), orjson.dumps(value))


class Floor:
    """The worker's topics, and contacts of which each has an id of its own."""

    def __init__(self, log: Log, one: Worker, folder: Path) -> None:
        self.log, self.one, self.file = log, one, folder / "homes.yaml"
        self.sent = 0

    async def come(self, **about: Any) -> str:
        """Send a contact and return its id once it is in a lane."""
        self.sent += 1
        await self.log.write([arrival(self.sent, **about)])
        name = f"k{self.sent}"

        async def entered() -> bool:
            return bool(await self.lane(name))

        await until(entered, f"{name} is in no lane", [self.one])
        return name

    async def lane(self, contact: str) -> str:
        """Return the lane in which a contact is."""
        async with self.log.reader() as reader:
            topics = ("lane.standard", "lane.dedicated")
            found = [orjson.loads(one.value or b"") async for one in reader.records(topics)]
        told = [one["data"] for one in found if one["data"]["contact_id"] == contact]
        entered = [one for one in told if "entered_at" in one]
        return max(entered, key=lambda one: one["entry_no"])["lane"] if entered else ""

    async def home(self, desk: str | None) -> tuple[str, dict[str, Any]]:
        """Send contacts of the advisor's customer until one goes by this home of the advisor.

        The directory is read beside the inputs. Returns the lane, and what was looked up.
        """
        found: dict[str, Any] = {}
        names: list[str] = []

        async def looked_up() -> bool:
            names.append(await self.come(customer="u1"))
            told = [one for one in await audits(self.log, "decided")
                    if one["contact_id"] == names[-1]]  # fmt: skip
            (found["looked"],) = told[0]["cause"].get("directory") or [{"desk": ""}]
            return bool(found["looked"]["desk"] == desk)

        await until(looked_up, f"nobody is at home at {desk}", [self.one])
        return await self.lane(names[-1]), found["looked"]

    async def order(self, *command: str, kind: str = "ordered") -> None:
        """Give an order by the command, and wait until a desk has audited it, or what it did."""
        before = len(await audits(self.log, kind))
        told = ("--reason", "drill", "--by", "m.li", "--policy", str(self.file))
        done = await asyncio.to_thread(tierlane, self.log, "desk", *command, *told)
        assert done.returncode == 0, done.stderr

        async def audited() -> bool:
            return len(await audits(self.log, kind)) > before

        await until(audited, f"{command} is not audited", [self.one])
        last = (await audits(self.log, kind))[-1]
        assert last["owner"] == "desk-0"
        if kind == "ordered":
            assert (last["why"], last["by"]) == ("drill", "m.li")

    async def say(self, kind: str, **data: Any) -> None:
        """Let the advisor `a-7` of the hall say something."""
        self.sent += 1
        value = cloud_event(
            f"advisor.{kind}", f"say-{self.sent}", time.time_ns() // 1_000_000,
            {"advisor_id": "a-7", "desk": HALL, **data},
        )  # fmt: skip
        await self.log.write([Fresh("advisor.events", HALL.encode(), value)])

    async def told(self, *kinds: str) -> list[dict[str, Any]]:
        """Return what `a-7` was told, once the latest is of these kinds in order."""
        found: list[dict[str, Any]] = []

        async def came() -> bool:
            events = [
                orjson.loads(one.value or b"") async for one in self.log.read(["advisor.offers"])
            ]
            found[:] = [one["data"] | {"kind": one["type"].split(".")[2]} for one in events]
            return [one["kind"] for one in found[-len(kinds) :]] == list(kinds)

        await until(came, f"a-7 is not told {kinds}, but {found}", [self.one])
        return found


async def test_orders_are_audited_and_done_and_homes_are_those_of_the_directory(
    log: Log, worker: Make, tmp_path: Path
) -> None:
    await create_topics(log, 1)
    file = tmp_path / "homes.yaml"
    file.write_text(POLICY)
    await log.write([profile("u1", dedicated_advisor="a-1")])
    await log.write([listed("a-2", HALL), listed("a-1", HALL), listed("a-1", VAULT)])
    one = worker("--policy", str(file))
    one.start()
    floor = Floor(log, one, tmp_path)

    # Of an advisor the latest entry counts; one that is taken out is at home nowhere.
    assert await floor.home(VAULT) == (
        "vault-keeper", {"advisor": "a-1", "desk": VAULT, "partition": 0, "offset": 2},
    )  # fmt: skip
    await log.write([listed("a-1", HALL)])
    lane, looked = await floor.home(HALL)
    assert (lane, looked["offset"]) == ("hall-keeper", 3)
    await log.write([listed("a-1", None)])
    assert (await floor.home(None))[0] == "people"

    contact = await floor.come()
    assert await floor.lane(contact) == "people"
    await floor.order("move", contact, "--to", "rest")
    assert await floor.lane(contact) == "rest"
    await floor.order("close", "people", "--until", "2h")
    assert await floor.lane(await floor.come()) == "rest"
    await floor.order("open", "people")
    assert await floor.lane(await floor.come()) == "people"

    # While the desk is halted nobody is offered who waits; resumed, the first one is.
    await floor.order("halt", "--desk", HALL)
    await floor.say("signed_on")

    async def there() -> bool:
        return bool(await audits(log, "signed_on"))

    await until(there, "a-7 is not signed on", [one])
    assert await audits(log, "offered") == []
    await floor.order("resume", "--desk", HALL)
    _, offered = await floor.told("signed_on", "offered")
    await floor.say("accepted", offer_id=offered["offer_id"])
    await floor.told("offered", "confirmed")
    # Taken back, it waits again, and who had it is offered another.
    await floor.order("release", offered["contact_id"], "--desk", HALL, kind="returned")
    *_, revoked, other = await floor.told("confirmed", "revoked", "offered")
    assert (revoked["contact_id"], revoked["reason"]) == (offered["contact_id"], "released")
    assert other["contact_id"] != offered["contact_id"]
    assert await floor.lane(offered["contact_id"]) == offered["lane"]
