"""The spool and the hints: the order of a number, however much of it lies on disk."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.hint import ACTIVATED, Hint, Hints, trusted
from tierlane.replay.verify.spool import Spool


def stored(number: int) -> StoredRecord:
    headers = (("h", b"\xff"),) if number % 3 == 0 else ()
    value = None if number % 5 == 0 else b"v" * (number % 7)
    return StoredRecord("t", 1, number, 9, b"k", value, headers)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 30)), max_size=60),
    st.sampled_from([400, 1_500, 1 << 20]),
)
def test_each_stream_is_read_in_its_order_as_often_as_wanted(tmp_path, puts, in_memory):
    spool = Spool(tmp_path, in_memory)
    for number, (stream, order) in enumerate(puts):
        spool.put(stream, order, stored(number))
    assert spool.streams() == sorted({stream for stream, _ in puts})
    for stream in "ab":
        mine = [(order, stored(n)) for n, (name, order) in enumerate(puts) if name == stream]
        due = sorted(mine, key=lambda one: one[0])
        assert list(spool.read(stream)) == list(spool.read(stream)) == due
    spool.drop("a")
    assert "a" not in spool.streams() and list(spool.read("a")) == []
    for left in list(tmp_path.iterdir()):
        left.unlink()


def test_what_was_put_in_order_is_read_file_by_file(tmp_path: Path, monkeypatch):
    spool = Spool(tmp_path, 2_000)
    for number in range(100):
        spool.put("a", number, stored(number))
    assert len(list(tmp_path.iterdir())) > 10
    monkeypatch.setattr("heapq.merge", pytest.fail)  # which would have all of them open
    assert [order for order, _ in spool.read("a")] == list(range(100))


def hint(seq: int, what: str = "contact.events", value: int = 0) -> Hint:
    return Hint(seq, what, value, -1, 5, "p@1", 0, "")


def test_hints_come_by_seq_whatever_they_were_added_in():
    hints = Hints()
    for seq in (3, 1, 2, 2, 5):
        hints.add(hint(seq, value=seq * 10))
    hints.add(hint(4, ACTIVATED)._replace(reached=(("contact.events", 35),)))
    ordered = hints.ordered()
    assert [one.seq for one in ordered] == [1, 2, 2, 3, 4, 5]
    assert [one.seq for one in ordered[2:]] == [2, 3, 4, 5]
    assert (ordered[4].reached, ordered[-1].value) == ((("contact.events", 35),), 50)
    assert trusted(ordered, ["contact.events"]) == [True] * 6
    assert trusted([*ordered, hint(6, value=1)], ["contact.events"])[-1] is False
