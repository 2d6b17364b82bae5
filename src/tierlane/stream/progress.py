"""How far an owner has come in each of its inputs, and what got lost on the way to it.

A batch that was fetched may be dropped before it reaches the owner: by a rebalance, by Faust, by a
seek. aiokafka's position is behind it then, and only who counts along finds out.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from aiokafka.structs import TopicPartition

from tierlane.stream.ground import Group
from tierlane.stream.inbox import Batch, Inbox

LOOK: Final = 1.0
"""Seconds that a batch may be on its way from the fetch to the owner; it takes milliseconds."""


class Progress:
    """The next offset of each input, by what is written."""

    def __init__(self, places: Mapping[str, TopicPartition]) -> None:
        self._places = places
        self.expected: dict[str, int] = {}
        """By topic, without prefix; empty before the first seek."""
        self._missed: dict[str, tuple[int, float]] = {}

    def sought(self, found: Mapping[TopicPartition, int]) -> None:
        """Begin at what was sought."""
        self.expected = {topic: found[place] for topic, place in self._places.items()}
        self._missed = {}

    def written(self, batches: Sequence[Batch]) -> None:
        """Go past batches whose effects are written."""
        self.expected |= ends(batches)

    def broken(self, batches: Sequence[Batch]) -> bool:
        """Tell whether something was fetched between what is written and these batches."""
        expected = dict(self.expected)
        for batch in batches:
            if batch.previous is not None and batch.previous > expected[batch.topic]:
                return True
            expected[batch.topic] = max(expected[batch.topic], batch.records[-1].offset + 1)
        return False

    def strayed(self, inbox: Inbox, group: Group) -> bool:
        """Tell whether something was handed over a while ago and has not come.

        `broken` needs a next batch to see that, and some topics are silent for days.
        """
        now, before, self._missed = time.monotonic(), self._missed, {}
        for topic, place in self._places.items():
            fetched = group.fetched(place)
            if fetched is None or fetched <= self.expected[topic] or inbox.holds(topic):
                continue
            number, since = before.get(topic, (fetched, now))
            if number != fetched:
                since = now
            if now - since >= LOOK:
                return True
            self._missed[topic] = (fetched, since)
        return False

    def behind(self, group: Group) -> dict[str, int]:
        """Return how many offsets each topic is behind its log's end, where that is known."""
        found = {}
        for topic, at in self.expected.items():
            behind = group.behind(self._places[topic], at)
            if behind is not None:
                found[topic] = behind
        return found

    def at_ends(self, group: Group) -> bool:
        """Tell whether everything was read, as far as that is known of every topic."""
        return self.behind(group) == dict.fromkeys(self._places, 0)


def ends(batches: Sequence[Batch]) -> dict[str, int]:
    """Return the offset after the last record of each topic in batches."""
    return {batch.topic: batch.records[-1].offset + 1 for batch in batches}
