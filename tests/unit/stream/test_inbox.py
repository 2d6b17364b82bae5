from hypothesis import given
from hypothesis import strategies as st

from tests.broker.log import Kept
from tierlane.stream.inbox import Batch, Inbox, halves


def batch(topic: str, begin: int, count: int) -> Batch:
    records = [Kept(topic, 0, begin + n, 0, b"k", b"v") for n in range(count)]
    return Batch(topic, 0, begin, records, 1)


def test_topics_are_served_in_the_order_given() -> None:
    inbox = Inbox(("profiles", "contacts"))
    inbox.put(batch("contacts", 0, 2))
    inbox.put(batch("profiles", 0, 1))
    assert [taken.topic for taken in inbox.take(10)] == ["profiles", "contacts"]
    assert inbox.records == 0 and inbox.since is None


@given(st.lists(st.integers(1, 40), max_size=12), st.lists(st.integers(1, 25), min_size=1))
def test_nothing_is_lost_or_moved_by_taking_in_parts(sizes: list[int], limits: list[int]) -> None:
    inbox = Inbox(("contacts",))
    begin = 0
    for size in sizes:
        inbox.put(batch("contacts", begin, size))
        begin += size
    taken: list[Batch] = []
    while inbox.records:
        for limit in limits:
            part = inbox.take(limit)
            assert sum(len(one.records) for one in part) <= limit
            taken += part
    assert [r.offset for one in taken for r in one.records] == list(range(begin))
    expected = 0
    for one in taken:
        assert one.previous == expected
        expected = one.records[-1].offset + 1


def test_clear_forgets_everything() -> None:
    inbox = Inbox(("contacts",))
    inbox.put(batch("contacts", 0, 5))
    assert inbox.since is not None
    inbox.clear()
    assert inbox.take(10) == [] and inbox.records == 0 and inbox.since is None


def test_what_was_fetched_before_a_seek_goes_and_what_came_after_it_stays() -> None:
    inbox = Inbox(("returns", "contacts"))
    inbox.put(batch("contacts", 30, 5))
    inbox.put(batch("returns", 7, 1))
    inbox.put(batch("contacts", 10, 20))
    inbox.put(batch("contacts", 30, 2))
    inbox.keep_from({"contacts": 10, "returns": 7})
    kept = [(one.topic, one.records[0].offset, len(one.records)) for one in inbox.take(100)]
    assert kept == [("returns", 7, 1), ("contacts", 10, 20), ("contacts", 30, 2)]
    assert inbox.records == 0 and inbox.since is None


@given(st.lists(st.integers(1, 9), min_size=1, max_size=6).filter(lambda sizes: sum(sizes) > 1))
def test_halves_keep_every_record_in_order_and_are_never_empty(sizes: list[int]) -> None:
    batches, begin = [], 0
    for size in sizes:
        batches.append(batch("contacts", begin, size))
        begin += size
    first, second = halves(batches)
    assert first and second
    assert [r.offset for one in (*first, *second) for r in one.records] == list(range(begin))
