"""`tierlane desk` on a broker: the lane's desk from what is published, and where an order lies."""

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.acceptance.revisions import NAME, digest, document, pointer, tierlane
from tests.acceptance.scene import create_topics
from tests.broker.log import Log
from tests.unit.test_desk_command import DESKS
from tierlane.contact.reading import Reader
from tierlane.operator import ORDERS
from tierlane.stream.murmur import place

PARTITIONS = 4
TEXT = DESKS.replace("policy: two", f"policy: {NAME}")


async def desk(log: Log, *arguments: str) -> tuple[int, str, str]:
    done = await asyncio.to_thread(tierlane, log, "desk", *arguments, "--reason", "storm")
    return done.returncode, done.stdout, done.stderr


async def kept(log: Log) -> list[tuple[int, int, bytes | None, dict[str, Any]]]:
    """Return what lies on `advisor.events`, read as a desk reads it."""
    reader = Reader(ORDERS)
    return [
        (one.partition, one.offset, one.key, reader.read(one).data)
        async for one in log.read(["advisor.events"])
    ]


async def test_order_lies_where_its_desk_reads(log: Log, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    file.write_text(TEXT)
    named = ("--policy", str(file))
    code, _, told = await desk(log, "close", "people", *named)
    assert (code, "tierlane topics apply" in told) == (2, True)

    await create_topics(log, PARTITIONS)
    code, out, told = await desk(log, "move", "k-1", "k-2", "--to", "keeper", *named)
    assert code == 0, told
    assert "`k-2` goes to `keeper` at desk `vault`" in told
    partition = place(b"vault", PARTITIONS)
    topic = f"{log.prefix}advisor.events"
    assert out.splitlines() == [f"{topic} {partition} 0", f"{topic} {partition} 1"]

    code, _, told = await desk(log, "close", "people")
    assert (code, "no policy is published" in told) == (2, True)
    live = digest(TEXT)
    await log.write([document(live, TEXT), pointer(1, live)])
    code, out, told = await desk(log, "close", "people", "--until", "2h", "--format", "json")
    assert code == 0, told
    found = json.loads(out)
    assert (found["topic"], found["partition"]) == (topic, place(b"hall", PARTITIONS))

    records = await kept(log)
    assert (partition, 1, b"vault") in [one[:3] for one in records]
    last = next(one for one in records if one[2] == b"hall")
    assert last == (found["partition"], found["offset"], b"hall", found["event"]["data"])
