"""The clients that a vendor finds on the page of advisor desktops, as they stand there."""

import os
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import orjson
import pytest

from tests.acceptance.revisions import audits, until
from tests.acceptance.scene import arrival, create_topics
from tests.broker.kafka import JARS, unavailable
from tests.broker.log import Log
from tests.docs.snippet import ROOT, blocks
from tests.worker import Worker

PAGE = ROOT / "docs" / "reference" / "advisor-desktop.md"
LINES = 60
CONTACTS = 12
Make = Callable[..., Worker]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The page's files, as a reader would save them."""
    for block in blocks(PAGE.read_text(encoding="utf-8")):
        if block.file:
            (tmp_path / block.file).write_text(block.body, encoding="utf-8")
    return tmp_path


def test_clients_are_as_short_as_promised(folder: Path) -> None:
    assert len((folder / "desktop.py").read_text().splitlines()) <= LINES


class Clients:
    """The two clients as processes; all are ended when the test is over."""

    def __init__(self, folder: Path, log: Log) -> None:
        self.processes: list[subprocess.Popen[bytes]] = []
        self._folder = folder
        self._where = [log.address, log.prefix, "hall"]

    def start(self, advisor: str, *command: str) -> None:
        with (self._folder / f"{advisor}.log").open("wb") as output:
            process = subprocess.Popen(
                [*command, *self._where, advisor],
                cwd=self._folder,
                stdout=output,
                stderr=output,
                env={"PATH": os.environ["PATH"]},
            )
        self.processes.append(process)

    def ended(self) -> list[int]:
        """Ask them to end, and return how they did: they wait until signing off is confirmed."""
        for process in self.processes:
            process.terminate()
        return [process.wait(20) for process in self.processes]

    def said(self) -> str:
        return "".join(one.read_text()[-2000:] for one in sorted(self._folder.glob("a-*.log")))


@pytest.fixture
def clients(folder: Path, log: Log, not_run: Callable[[str], NoReturn]) -> Iterator[Clients]:
    if reason := unavailable():
        not_run(f"the client in Java needs Java and Kafka's jars: {reason}")
    made = Clients(folder, log)
    yield made
    for process in made.processes:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("kafka")
async def test_both_clients_serve_contacts(
    log: Log, worker: Make, folder: Path, clients: Clients
) -> None:
    await create_topics(log)
    one = worker("--policy", str(folder / "vendor.yaml"))
    one.start()
    clients.start("a-7", sys.executable, "desktop.py")
    clients.start("a-8", "java", "-cp", f"{JARS}/*", "Desktop.java")
    one.await_ready()

    async def there() -> bool:
        return len(await audits(log, "signed_on")) == 2

    await until(there, f"nobody signs on: {clients.said()}", [one])
    await log.write(arrival(number) for number in range(CONTACTS))

    async def all_finished() -> bool:
        done = await audits(log, "finished")  # the desk's, and intake's, which hears of it later
        return sum(one["owner"].startswith("desk-") for one in done) == CONTACTS

    await until(all_finished, f"contacts are not served: {clients.said()}", [one])
    course = await courses(log)
    assert set(course) == {f"k{number}" for number in range(CONTACTS)}
    for kinds, _ in course.values():
        assert [kind for kind in kinds if kind in SHOWN] == list(SHOWN)
    served = {who for _, advisors in course.values() for who in advisors}
    assert served == {"a-7", "a-8"}
    assert clients.ended() == [0, 0]
    assert {one["advisor"] for one in await audits(log, "signed_off")} == {"a-7", "a-8"}


SHOWN = ("decided", "offered", "confirmed", "finished")
"""What the page says that the audit tells of a contact, in this order."""


async def courses(log: Log) -> dict[str, tuple[list[str], set[str]]]:
    """Return of each contact the kinds of its audit records in the order of the log, and who."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    async for record in log.read(["routing.audit"]):
        data = orjson.loads(record.value or b"")["data"]
        if data["contact_id"] and not (
            data["owner"].startswith("intake") and data["kind"] != "decided"
        ):
            found[data["contact_id"]].append(data)
    return {
        contact: (
            [one["kind"] for one in rows],
            {one["advisor"] for one in rows if one["kind"] == "confirmed"},
        )
        for contact, rows in found.items()
    }
