"""What stands on `policy.revisions`: which revision is live, and where documents lie."""

from collections.abc import Sequence
from typing import Final

from aiokafka.structs import TopicPartition

from tierlane.errors import TopicError, Unreadable
from tierlane.policy.publish.publication import Kept, Standing, read_kept
from tierlane.ports import Record
from tierlane.stream import provision
from tierlane.stream.reader import read_to_end, record_at
from tierlane.stream.settings import Settings
from tierlane.topic import POLICY_REVISIONS

LONGEST_KEY: Final = 400
"""Bytes of a key: a name of 60 characters and a digest are far below."""


class Revisions:
    """The topic as far as it was read; documents stay there until they are asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._standings: dict[str, Standing] = {}
        self._places: dict[str, tuple[TopicPartition, int]] = {}
        self._unreadable: dict[str, str] = {}

    def take(self, place: TopicPartition, records: Sequence[Record]) -> None:
        """Take in records; what cannot be read leaves what was there before."""
        for record in records:
            key = _text(record.key)
            if key is None:
                continue
            if "@" not in key:
                self._take_standing(key, record.value)
            elif record.value is None:
                self._places.pop(key, None)
            else:
                self._places[key] = place, record.offset

    def _take_standing(self, name: str, value: bytes | None) -> None:
        self._unreadable.pop(name, None)
        if value is None:
            self._standings.pop(name, None)
            return
        try:
            self._standings[name] = Standing.read(value, name)
        except Unreadable as error:
            self._unreadable[name] = str(error)

    def names(self) -> list[str]:
        """Return the policies that were published."""
        return sorted(self._standings)

    def standing(self, name: str) -> Standing | None:
        """Return what holds of a policy; None where its name is not on the topic."""
        return self._standings.get(name)

    def unreadable(self, name: str) -> str:
        """Return why the latest record of a policy cannot be read, empty if it can."""
        return self._unreadable.get(name, "")

    def place(self, name: str, revision: str) -> tuple[TopicPartition, int] | None:
        """Return partition and offset of a document; None where it is not on the topic."""
        return self._places.get(f"{name}@{revision}")

    async def document(self, name: str, revision: str) -> Kept:
        """Read a document. Raises `Unreadable`, also where it is not on the topic."""
        where = self.place(name, revision)
        record = None if where is None else await record_at(self._settings, *where)
        if record is None or record.value is None:
            raise Unreadable("missing", "the document is not on the topic")
        return read_kept(record.value, name, revision)


async def read_revisions(settings: Settings) -> Revisions:
    """Read the whole topic. Raises TopicError where it is missing, BrokerError."""
    found = Revisions(settings)
    name = settings.topic(POLICY_REVISIONS)
    async with provision.admin(settings) as client:
        count = (await provision.counts(client, [name])).get(name, 0)
    if not count:
        raise TopicError(
            f"there is no topic `{name}`", hint="`tierlane topics apply` creates the topics"
        )
    starts = {TopicPartition(name, number): 0 for number in range(count)}
    await read_to_end(settings, starts, found.take)
    return found


def _text(key: bytes | None) -> str | None:
    if not key or len(key) > LONGEST_KEY:
        return None
    try:
        return key.decode()
    except UnicodeDecodeError:
        return None
