"""What an owner misses of what was handed over to it."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import TopicPartition

from tests.broker.log import Kept
from tierlane.stream import progress as module
from tierlane.stream.inbox import Batch, Inbox
from tierlane.stream.progress import LOOK, Progress

TOPICS = ("contact.events", "intake.returns")
PLACES = {topic: TopicPartition(topic, 2) for topic in TOPICS}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


class Group:
    def __init__(self) -> None:
        self.handed_over = dict.fromkeys(PLACES.values(), 10)
        self.ends: dict[TopicPartition, int | None] = dict.fromkeys(PLACES.values(), 10)

    def fetched(self, place: TopicPartition) -> int | None:
        return self.handed_over.get(place)

    def behind(self, place: TopicPartition, position: int) -> int | None:
        end = self.ends[place]
        return None if end is None else end - position


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def progress() -> Progress:
    one = Progress(PLACES)
    one.sought(dict.fromkeys(PLACES.values(), 10))
    return one


def batch(topic: str, begin: int, count: int, previous: int) -> Batch:
    return Batch(
        topic, 2, previous, [Kept(topic, 2, begin + n, 0, b"", b"") for n in range(count)], 1
    )


def strayed(progress: Progress, clock: Clock, group: Any, inbox: Inbox, after: float) -> bool:
    clock.now += after
    return progress.strayed(inbox, group)


def test_a_batch_on_its_way_is_waited_for_and_then_missed(progress: Progress, clock: Clock) -> None:
    group, inbox = Group(), Inbox(TOPICS)
    assert not strayed(progress, clock, group, inbox, 0)
    group.handed_over[PLACES["intake.returns"]] = 11
    assert not strayed(progress, clock, group, inbox, LOOK)
    assert not strayed(progress, clock, group, inbox, LOOK / 2)
    assert strayed(progress, clock, group, inbox, LOOK / 2)


def test_the_wait_begins_anew_with_each_batch_and_ends_with_its_arrival(
    progress: Progress, clock: Clock
) -> None:
    group, inbox = Group(), Inbox(TOPICS)
    for end in (11, 12, 13):
        group.handed_over[PLACES["intake.returns"]] = end
        assert not strayed(progress, clock, group, inbox, LOOK)
    inbox.put(batch("intake.returns", 10, 3, 10))
    assert not strayed(progress, clock, group, inbox, LOOK)
    progress.written(inbox.take(10))
    assert not strayed(progress, clock, group, inbox, LOOK)
    assert progress.expected == {"contact.events": 10, "intake.returns": 13}


def test_one_busy_topic_does_not_hide_what_another_misses(progress: Progress, clock: Clock) -> None:
    group, inbox = Group(), Inbox(TOPICS)
    group.handed_over[PLACES["intake.returns"]] = 11
    inbox.put(batch("contact.events", 10, 5, 10))
    assert not strayed(progress, clock, group, inbox, 0)
    assert strayed(progress, clock, group, inbox, LOOK)


def test_gaps_of_the_log_are_no_break_and_what_was_fetched_before_is_one(
    progress: Progress,
) -> None:
    assert not progress.broken([batch("contact.events", 14, 2, 10)])
    assert not progress.broken([batch("contact.events", 6, 6, 6)])
    assert progress.broken([batch("contact.events", 14, 2, 12)])
    assert progress.broken([batch("contact.events", 10, 2, 10), batch("contact.events", 14, 2, 13)])


def test_ends_are_reached_only_where_those_of_all_topics_are_known(progress: Progress) -> None:
    group: Any = Group()
    assert progress.at_ends(group)
    group.ends[PLACES["intake.returns"]] = None
    assert not progress.at_ends(group)
    assert progress.behind(group) == {"contact.events": 0}
