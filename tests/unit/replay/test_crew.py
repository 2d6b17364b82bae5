"""A crew: parts that go through a source together, in one process or in several."""

import os
import signal
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest

from tierlane.errors import SourceError
from tierlane.ports import Record
from tierlane.replay.crew import Crew
from tierlane.replay.source.opening import opened
from tierlane.replay.source.order import cut
from tierlane.replay.source.table import TableWriter
from tierlane.replay.stored import StoredRecord


class Sums:
    """Adds up offsets by key."""

    def __init__(self, fault: str = "") -> None:
        if fault == "begin":
            raise SourceError("it cannot begin")
        self.fault = fault
        self.seen: list[tuple[bytes, int]] = []

    def take(self, records: Sequence[Record]) -> None:
        if self.fault == "take":
            raise SourceError("it cannot be taken", hint="no")
        if self.fault == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += [(one.key or b"", one.offset) for one in records]

    def found(self, more: int = 0) -> list[tuple[bytes, int]]:
        return [(key, offset + more) for key, offset in self.seen]


def by_key(record: Record, number: int, cores: int) -> bool:
    return crc32(record.key or b"") % cores == number


def to_all(record: Record, number: int, cores: int) -> bool:
    del record, number, cores
    return True


RECORDS = [StoredRecord("t", 0, n, n, b"k-%d" % (n % 7), b"v", (("h", b"x"),)) for n in range(2500)]


class Plain:
    """A source that is no table."""

    name, cut = "plain", False

    def __init__(self, interrupt: int = -1) -> None:
        self.interrupt = interrupt

    def batches(self, topics: Collection[str] | None = None) -> Iterator[list[Record]]:
        del topics
        for number, batch in enumerate(cut(RECORDS, 500)):
            if number == self.interrupt:
                os.kill(os.getpid(), signal.SIGINT)
            yield list(batch)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder: Path = tmp_path_factory.mktemp("table")
    with TableWriter(folder / "t.parquet") as writer:
        for one in RECORDS:
            writer.write(one)
    return opened([folder])


@pytest.mark.parametrize("cores", [1, 2])
def test_each_record_is_of_one_part_in_its_order(table, cores):
    counts: list[int] = []
    with Crew(cores, by_key, Sums, ()) as crew:
        for source in (table, Plain()):
            assert crew.read(source, {"t"}, counts.append)
        found = crew.ask("found", 1)
    assert counts[-1] == 2500 and len(found) == cores
    assert sorted(n for part in found for _, n in part) == sorted([*range(1, 2501)] * 2)
    for part in found:
        half = len(part) // 2
        assert part[:half] == part[half:] == sorted(part[:half], key=lambda one: one[1])
    assert sum(len({key for key, _ in part}) for part in found) == 7


def test_a_record_may_be_of_several_parts_which_have_tasks_of_their_own(table):
    with Crew(2, to_all, Sums, ()) as crew:
        crew.read(table, {"t"}, lambda _: None)
        crew.read(Plain(), {"t"}, lambda _: None)
        found = list(crew.each("found", [[(1,), (2,)], [(10,)]]))
    assert [len(part) for _, part in found] == [5000] * 3
    assert sorted((task[0], part[0][1]) for task, part in found) == [(1, 1), (2, 2), (10, 10)]


@pytest.mark.parametrize("cores", [1, 2])
def test_ctrl_c_keeps_what_was_taken_in(cores):
    with Crew(cores, by_key, Sums, ()) as crew:
        assert not crew.read(Plain(interrupt=2), {"t"}, lambda _: None)
        found = crew.ask("found")
    assert sum(map(len, found)) == 1500
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_ends_processes_that_read_by_themselves(table):
    counts: list[int] = []

    def told(count: int) -> None:
        if not counts:
            signal.raise_signal(signal.SIGINT)
        counts.append(count)

    with Crew(2, by_key, Sums, ()) as crew:
        whole = crew.read(table, {"t"}, told)
        found = crew.ask("found")
    assert not whole and sum(map(len, found)) == counts[-1]


@pytest.mark.parametrize(
    ("fault", "said"),
    [("begin", "it cannot begin"), ("take", "it cannot be taken"), ("die", "ended from outside")],
)
def test_what_goes_wrong_in_a_process_is_raised_here(table, fault, said):
    source = Plain() if fault == "take" else table
    with pytest.raises(SourceError, match=said):
        whole(source, fault)


def whole(source: Any, fault: str) -> None:
    with Crew(2, by_key, Sums, (fault,)) as crew:
        crew.read(source, {"t"}, lambda _: None)
        crew.ask("found")
