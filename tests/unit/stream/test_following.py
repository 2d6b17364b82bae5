"""Which revision a worker goes by, as what is published changes; the topic is played by a list."""

import asyncio
import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from tests.contract.driver import POLICY
from tests.contract.event import arrived
from tests.unit.routing.scene import NOW, REVISION, Feed, intake, told
from tests.unit.routing.test_change import OTHER_LANE, OTHER_TERMS, TEXT
from tierlane.errors import UsageError
from tierlane.policy.publish.publication import Kept, Standing, Wish, after, document_record
from tierlane.replay.memory import StoredRecord
from tierlane.stream import following as module
from tierlane.stream.following import Following
from tierlane.stream.metric import Metrics
from tierlane.stream.settings import Settings

NAME = REVISION.name
SECOND = TEXT.replace(
    "{plan: general, steps: [{lane: people}]}", "{plan: general, steps: [{lane: claims}]}"
)
THIRD = TEXT.replace("{default: 1, rules", "{default: 3, rules")


class Topic:
    """What stands on the topic; `Following` reads it as if brokers held it."""

    def __init__(self, following: Following) -> None:
        self.following = following
        self.standing: Standing | None = None
        self._offset = 0
        self.documents: dict[str, bytes] = {}
        following._metrics = Metrics()
        following._revisions.document = self._document  # type: ignore[method-assign]

    async def _document(self, name: str, revision: str) -> Kept:
        from tierlane.errors import Unreadable
        from tierlane.policy.publish.publication import read_kept

        if revision not in self.documents:
            raise Unreadable("missing", "the document is not on the topic")
        return read_kept(self.documents[revision], name, revision)

    def put(self, revision: str, text: str) -> None:
        kept: Kept = {"policy": NAME, "revision": revision, "document": text}
        self.documents[revision] = document_record(kept, NOW)
        self._take(f"{NAME}@{revision}", self.documents[revision])

    def wish(self, wish: Wish) -> None:
        self.standing = after(self.standing, NAME, wish)
        self._take(NAME, self.standing.encoded())

    def _take(self, key: str, value: bytes) -> None:
        self._offset += 1
        record = StoredRecord("policy.revisions", 0, self._offset, 0, key.encode(), value)
        self.following._revisions.take(None, [record])  # type: ignore[arg-type]

    async def publish(self, revision: str, text: str, action: Any = "published") -> None:
        self.put(revision, text)
        self.wish(Wish(action, revision, NOW))
        await self.following._resolve()


@pytest.fixture
def topic() -> Topic:
    return Topic(Following(Settings(policy=POLICY), REVISION))


async def test_the_file_holds_until_its_name_is_published(topic: Topic) -> None:
    following = topic.following
    assert following.revision is REVISION
    await topic.publish(OTHER_LANE.hash, SECOND)
    assert following.revision.hash == OTHER_LANE.hash
    assert following.troubles() == []


async def test_a_published_file_is_not_compiled_again(topic: Topic) -> None:
    await topic.publish(REVISION.hash, TEXT)
    assert topic.following.revision is REVISION


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("tierlane: 1\n", "missing_key"),
        (":", "not_yaml"),
        (THIRD, "the document is not what its name says"),
        ("", "empty"),
    ],
)
async def test_what_cannot_be_used_keeps_the_last_good_one(
    topic: Topic, text: str, why: str
) -> None:
    following = topic.following
    await topic.publish(OTHER_LANE.hash, SECOND)
    good = following.revision
    await topic.publish("0" * 16, text)
    assert following.revision is good
    (trouble,) = following.troubles()
    assert trouble.startswith(f"live policy `{NAME}@{'0' * 16}` cannot be used: ")
    assert why in trouble
    assert b'tierlane_policy_refused{role="live"} 1.0' in following._metrics.page()
    await topic.publish(OTHER_TERMS.hash, THIRD)
    assert (following.revision.hash, following.troubles()) == (OTHER_TERMS.hash, [])
    assert b'tierlane_policy_refused{role="live"} 0.0' in following._metrics.page()


async def test_a_document_that_comes_after_its_name_is_taken_up(topic: Topic) -> None:
    topic.wish(Wish("published", OTHER_LANE.hash, NOW))
    await topic.following._resolve()
    assert "not on the topic" in topic.following.troubles()[0]
    topic.put(OTHER_LANE.hash, SECOND)
    await topic.following._resolve()
    assert topic.following.revision.hash == OTHER_LANE.hash
    assert topic.following.troubles() == []


async def test_a_worker_that_begins_takes_the_latest_it_can_use(topic: Topic) -> None:
    for number, (revision, text) in enumerate(
        [(OTHER_TERMS.hash, THIRD), (OTHER_LANE.hash, SECOND), ("1" * 16, ""), ("2" * 16, "")]
    ):
        topic.put(revision, text)
        topic.wish(Wish("published", revision, NOW + number))
    await topic.following._resolve()
    assert topic.following.revision.hash == OTHER_LANE.hash
    assert len(topic.following.troubles()) == 1


async def test_a_shadow_that_cannot_be_used_does_not_touch_the_live_one(topic: Topic) -> None:
    following = topic.following
    await topic.publish(OTHER_LANE.hash, SECOND, "shadowed")
    assert (following.revision, following.shadow.hash) == (REVISION, OTHER_LANE.hash)
    await topic.publish("0" * 16, "", "shadowed")
    assert following.revision is REVISION
    assert following.shadow is None
    assert following.troubles()[0].startswith("shadow policy")


async def test_owners_take_up_what_holds_and_then_are_done(topic: Topic) -> None:
    following, feed = topic.following, Feed(intake())
    feed.give(arrived(NOW, "k-1", "u-1"))
    assert not following.due(feed.machine)
    topic.put(OTHER_LANE.hash, SECOND)
    topic.wish(Wish("published", OTHER_LANE.hash, NOW, "reroute"))
    await following._resolve()
    assert following.due(feed.machine)
    found = told(following.make(feed.machine, NOW + 1))
    assert found.kinds == ["decided", "moved"]
    feed.machine.commit()
    assert not following.due(feed.machine)


async def test_an_owner_that_knows_the_revision_does_not_audit_it_again(topic: Topic) -> None:
    following, feed = topic.following, Feed(intake())
    await topic.publish(OTHER_LANE.hash, SECOND)
    following.make(feed.machine, NOW)
    feed.machine.commit()
    after_restart = intake()
    after_restart.restore(feed.machine.snapshot())
    assert following.due(after_restart)
    assert told(following.make(after_restart, NOW)).audit == []
    assert not following.due(after_restart)


async def test_serving_goes_on_while_a_revision_is_compiled(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []

    def slow(kept: Kept) -> Any:
        threads.append(threading.current_thread().name)
        time.sleep(0.3)
        return replace(OTHER_LANE)

    monkeypatch.setattr(module, "_compiled", slow)
    task = asyncio.create_task(topic.publish(OTHER_LANE.hash, SECOND))
    turns = 0
    while not task.done():
        await asyncio.sleep(0.01)
        turns += 1
    assert turns > 10
    assert threads == ["compile"]


async def test_one_that_takes_too_long_is_not_used_nor_tried_again(
    topic: Topic, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried = 0

    def endless(kept: Kept) -> Any:
        nonlocal tried
        tried += 1
        time.sleep(0.2)
        return OTHER_LANE

    monkeypatch.setattr(module, "_compiled", endless)
    monkeypatch.setattr(module, "PATIENCE", 0.05)
    await topic.publish(OTHER_LANE.hash, SECOND)
    assert "cannot be compiled" in topic.following.troubles()[0]
    await topic.following._resolve()
    assert (tried, topic.following.revision) == (1, REVISION)
    await asyncio.sleep(0.3)  # the thread ends, and nobody is disturbed


async def test_where_several_are_published_one_is_to_be_named() -> None:
    following = Following(Settings(), None)
    for name in ("a", "b"):
        value = after(None, name, Wish("published", "0" * 16, NOW)).encoded()
        record = StoredRecord("policy.revisions", 0, 0, 0, name.encode(), value)
        following._revisions.take(None, [record])  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="`a`, `b`"):
        following._find_name()
