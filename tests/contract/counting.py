"""A machine that counts contacts by key: the smallest that has outputs, state and a way back."""

from collections.abc import Iterable, Sequence

from tierlane.ports import ProfileStore, Record
from tierlane.routing.effect import Effects, Output
from tierlane.stream.ground import Kind
from tierlane.topic import CONTACT_EVENTS, CUSTOMER_PROFILES

AT = b"\0at"
BOOM = b"boom"
OUT = "lane.standard"
STATE = "tierlane.intake.state"


class Counting:
    """Writes `KEY N` to a lane for the Nth contact of a key; raises on `boom`."""

    def __init__(self, *, partition: int, profiles: ProfileStore) -> None:
        self.partition = partition
        self.profiles = profiles
        self.counts: dict[bytes, int] = {}
        self.at: dict[str, int] = {}
        self._kept = ({}, {})

    def on_records(self, topic: str, records: Sequence[Record]) -> Effects:
        effects = Effects()
        for record in records:
            if record.offset < self.at.get(topic, -1):
                continue
            if record.value == BOOM:
                raise ValueError("the contents of a contact")
            if topic == CUSTOMER_PROFILES:
                self.load_profiles([record])
            else:
                self._count(effects, record)
            self.at[topic] = record.offset + 1
        effects.changes[AT] = repr(self.at).encode()
        return effects

    def _count(self, effects: Effects, record: Record) -> None:
        key = record.key or b""
        self.counts[key] = number = self.counts.get(key, 0) + 1
        known = self.profiles.get(key.decode())
        value = b"%s %d %s" % (key, number, known[1] if known else b"-")
        effects.outputs.append(Output(OUT, b"k-%d-%d" % (self.partition, record.offset), value))
        effects.changes[key] = b"%d" % number

    def load_profiles(self, records: Sequence[Record]) -> None:
        for record in records:
            self.profiles.put((record.key or b"").decode(), record.offset, record.value)

    def position(self, topic: str) -> int:
        return self.at.get(topic, -1)

    def next_deadline(self) -> int | None:
        return None

    def on_deadline(self, now: int) -> Effects:
        return Effects()

    def park(self, topic: str, record: Record, error: BaseException) -> Effects:
        effects = Effects()
        self.at[topic] = record.offset + 1
        effects.outputs.append(Output("contact.rejected", record.key, record.value))
        effects.changes[AT] = repr(self.at).encode()
        effects.count("rejected", "internal")
        return effects

    def commit(self) -> None:
        self._kept = (dict(self.counts), dict(self.at))

    def rollback(self) -> None:
        self.counts, self.at = dict(self._kept[0]), dict(self._kept[1])

    def restore(self, items: Iterable[tuple[bytes, bytes | None]]) -> None:
        for key, value in items:
            if key == AT and value is not None:
                self.at = eval(value)
            elif value is not None:
                self.counts[key] = int(value)
        self.commit()


KIND = Kind("intake", (CUSTOMER_PROFILES, CONTACT_EVENTS), STATE, Counting, CUSTOMER_PROFILES)
