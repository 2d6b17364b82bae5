"""The advisors of a desk as sets of bits, so that a question is put to all of them at once.

Each seat has a number, and an integer with that bit set is a set that holds it. To intersect two
sets of 2,000 advisors takes some 50 ns; to ask each of them would take milliseconds. All of this is
derived from the seats, and made anew when a desk is restored.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from operator import itemgetter
from typing import Any, Final

from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.desk import Duty
from tierlane.policy.line.want import Bound
from tierlane.routing.waiting.bay import Bay
from tierlane.routing.waiting.group import Group, Sight
from tierlane.routing.waiting.kin import Fields, Kin
from tierlane.routing.waiting.ranking import Ranking
from tierlane.routing.waiting.row import Row
from tierlane.routing.waiting.seat import ANY_OTHER, NO_ROOM, Looks, Room, Seat, View

MOST_KIN: Final = 65_536
"""Sets of wants found by identity, until they are forgotten and found by value."""
MOST_VIEWS: Final = 64
"""Views, until they are forgotten and made anew: a row that moves is told to each."""


class Roster:
    """Who is there, who has room, who is as wanted."""

    __slots__ = (
        "_fields", "_free", "_kins", "_known_kins", "_moved", "_named", "_resting", "_rooms",
        "_sees", "_speaks", "_stale", "groups", "now", "on", "rankings", "ready", "rested", "room",
        "seats", "version", "views",
    )  # fmt: skip

    def __init__(self) -> None:
        self.now = 0
        self.seats: list[Seat | None] = []
        """By number."""
        self._free: list[int] = []
        self.on = self.ready = self.rested = 0
        """Who is there; who may be offered something; who is not wrapping up."""
        self.room: dict[str, int] = {ANY_OTHER: 0}
        """Who could take one more contact of a channel, by the channels that capacities name."""
        self.groups: dict[Duty | None, Group] = {}
        self.rankings: dict[tuple[str, ...], Ranking] = {}
        self.version = 0
        """Counts up whenever who may ever take what has changed."""
        self._fields = Fields()
        self._kins: dict[tuple[Bound, ...], Kin] = {}
        self._known_kins: dict[int, tuple[tuple[Bound, ...], Kin]] = {}
        self._named: dict[Capacity, Capacity] = {}
        self._rooms: dict[Any, Room] = {}
        self._moved: dict[int, Seat] = {}
        """Seats by number that may stand elsewhere in rankings by now: most are not asked for."""
        self._resting: list[tuple[int, int]] = []
        self._sees: dict[tuple[str, ...], int] = {}
        self._speaks: dict[str, int] = {}
        self._stale: dict[int, Seat] = {}
        self.views: dict[tuple[frozenset[str], tuple[str, ...]], View] = {}

    # ------------------------------------------------------------------ coming and going

    def add(self, seat: Seat) -> None:
        """Take in an advisor who is not there."""
        if self._free:
            seat.number = self._free.pop()
            self.seats[seat.number] = seat
        else:
            seat.number = len(self.seats)
            self.seats.append(seat)
        seat.bit = 1 << seat.number
        self._fields.add(seat.values, seat.bit)
        for kin in self._kins.values():
            if all(want.holds(seat.values) for want in kin.wants):
                kin.bits |= seat.bit
        self._group(seat)
        seat.capacity = self._name(seat.capacity)
        self._changed()
        self.outfit(seat)
        self.touch(seat)

    def remove(self, seat: Seat) -> None:
        """Take out an advisor who is there."""
        for kin in self._kins.values():
            kin.bits &= ~seat.bit
        self._fields.remove(seat.values, seat.bit)
        seat.group.bits &= ~seat.bit
        self.settle()
        self.on &= ~seat.bit
        self.ready &= ~seat.bit
        self.rested &= ~seat.bit
        for channel in seat.room.channels:
            self.room[channel] &= ~seat.bit
        for ranking in self.rankings.values():
            ranking.put(seat, None)
        self._moved.pop(seat.number, None)
        self.seats[seat.number] = None
        self._free.append(seat.number)
        seat.number, seat.bit, seat.room, seat.view = -1, 0, NO_ROOM, None
        seat.bays, seat.looks = [], None
        self._changed()

    def regroup(self) -> None:
        """Take over other duties of advisors who are there."""
        self.groups.clear()
        present = [seat for seat in self.seats if seat is not None]
        for seat in present:
            self._group(seat)
        self._changed()
        for seat in present:
            self.outfit(seat)

    def _group(self, seat: Seat) -> None:
        group = self.groups.get(seat.duty)
        if group is None:
            group = self.groups[seat.duty] = Group(seat.duty)
        group.bits |= seat.bit
        seat.group = group

    def _name(self, capacity: Capacity) -> Capacity:
        """Learn which channels a capacity names; return one object for all that are equal."""
        known = self._named.setdefault(capacity, capacity)
        if known is not capacity:
            return known
        before = len(self.room)
        for use in capacity.uses:
            for channel in (use.channel, *(use.beside or ())):
                self.room.setdefault(channel, 0)
        if len(self.room) > before:  # how much room there is for it was not asked before
            self._rooms.clear()
            self._forget_views()
            for kin in self._kins.values():
                for bay in kin.bays:
                    for row in bay.members:
                        row.room = self.place(row.channel)
            for seat in self.seats:
                if seat is not None:
                    self.touch(seat)
        return capacity

    def _changed(self) -> None:
        self.version += 1
        self._sees.clear()
        self._speaks.clear()

    # ------------------------------------------------------------------ as of now

    def touch(self, seat: Seat) -> None:
        """Note that something of an advisor has changed: state, wrapping up, what they hold."""
        self._stale[seat.number] = seat

    def as_of(self, now: int) -> "Roster":
        """Bring everything to a moment, and return it; going back changes nothing."""
        if now > self.now:
            self.now = now
            while self._resting and self._resting[0][0] <= now:
                seat = self.seats[heappop(self._resting)[1]]
                if seat is not None:
                    self.touch(seat)
        if self._stale:
            self.settle()
        return self

    def settle(self) -> None:
        """Take in what was touched."""
        for seat in self._stale.values():
            if seat.number >= 0:
                self._refresh(seat)
        self._stale.clear()

    def _refresh(self, seat: Seat) -> None:
        bit, room, on = seat.bit, self._room(seat), seat.state == "on"
        rested = seat.wrapping <= self.now
        if not rested:
            heappush(self._resting, (seat.wrapping, seat.number))
        if bool(self.on & bit) is not on:
            self.on ^= bit
        if bool(self.rested & bit) is not rested:
            self.rested ^= bit
        ready = on and rested and not room.full
        if bool(self.ready & bit) is not ready:
            self.ready ^= bit
        if room is not seat.room:
            for channel in room.channels ^ seat.room.channels:
                self.room[channel] ^= bit
            if room.channels != seat.room.channels:
                seat.view = None
            seat.room = room
        if self.rankings:
            self._moved[seat.number] = seat

    def _room(self, seat: Seat) -> Room:
        key = (id(seat.capacity), *seat.counts.items())
        room = self._rooms.get(key)
        if room is None:
            capacity, counts = seat.capacity, seat.counts
            found = frozenset(one for one in self.room if not capacity.refuses(one, counts))
            load, free = capacity.load(counts), capacity.free(counts)
            room = self._rooms[key] = Room(found, seat.full, load, free, capacity)
        return room

    def view(self, seat: Seat) -> View:
        """Return which rows of a bay an advisor has room for now."""
        found = seat.view
        if found is None or not found.kept:
            if len(self.views) >= MOST_VIEWS:
                self._forget_views()
            made = View(seat.room.channels, seat.channels)
            found = seat.view = self.views.setdefault((made.room, made.channels), made)
        return found

    def _forget_views(self) -> None:
        for view in self.views.values():
            view.kept = False
        self.views.clear()

    # ------------------------------------------------------------------ who may

    def with_room(self, channel: str) -> int:
        """Return who could take one more contact of a channel."""
        return self.room[channel] if channel in self.room else self.room[ANY_OTHER]

    def place(self, channel: str) -> str:
        """Return the channel by whose room one counts: itself, where a capacity names it."""
        return channel if channel in self.room else ANY_OTHER

    def sees(self, lanes: tuple[str, ...]) -> int:
        """Return whose duty has one of some lanes, now or at a later age."""
        found = self._sees.get(lanes)
        if found is None:
            found = 0
            for group in self.groups.values():
                if group.sight(lanes) is not None:
                    found |= group.bits
            self._sees[lanes] = found
        return found

    def seeing(self, lanes: tuple[str, ...], age: int) -> int:
        """Return whose duty sees a contact of some lanes and this age."""
        found = 0
        for group in self.groups.values():
            sight = group.sight(lanes)
            if sight is not None and sight.rank(age) is not None:
                found |= group.bits
        return found

    def later(self, lanes: tuple[str, ...]) -> bool:
        """Tell whether a duty sees a contact of some lanes at a later age only, or otherwise."""
        sights = [group.sight(lanes) for group in self.groups.values()]
        return any(one is not None and (one.froms[-1] > 0) for one in sights)

    def speaks(self, channel: str) -> int:
        """Return who serves a channel at all."""
        found = self._speaks.get(channel)
        if found is None:
            found = 0
            for seat in self.seats:
                if seat is not None and (not seat.channels or channel in seat.channels):
                    found |= seat.bit
            self._speaks[channel] = found
        return found

    def kin(self, wants: tuple[Bound, ...]) -> Kin:
        """Return who is as wanted; the same for equal wants."""
        known = self._known_kins.get(id(wants))
        if known is not None:
            return known[1]
        kin = self._kins.get(wants)
        if kin is None:
            kin = self._kins[wants] = Kin(wants, self._fields.meeting(wants))
        if len(self._known_kins) >= MOST_KIN:
            self._known_kins.clear()
        self._known_kins[id(wants)] = (wants, kin)
        return kin

    def fit(self, row: Row) -> int:
        """Return who may ever take the contacts of a row."""
        if row.version != self.version:
            row.fit = self.suited(row.kin, row.lanes, row.channel)
            row.version = self.version
        return row.fit

    def suited(self, kin: Kin, lanes: tuple[str, ...], channel: str) -> int:
        """Return who may ever take contacts of some lanes and a channel that want the same."""
        return kin.bits & self.sees(lanes) & self.speaks(channel)

    def of(self, bits: int) -> Iterator[Seat]:
        """Yield the seats of a set."""
        while bits:
            seat = self.seats[bits.bit_length() - 1]
            if seat is None:
                raise AssertionError("a set holds a seat that is gone")
            yield seat
            bits ^= seat.bit

    def ranking(self, keys: tuple[str, ...]) -> Ranking:
        """Return those who are ready, in the order of a choice that hangs on them alone."""
        for seat in self._moved.values():
            ready = seat.bit & self.ready
            for ranking in self.rankings.values():
                ranking.put(seat, ranking.key(seat) if ready else None)
        self._moved.clear()
        found = self.rankings.get(keys)
        if found is None:
            found = self.rankings[keys] = Ranking(keys)
            for seat in self.of(self.ready):
                found.put(seat, found.key(seat))
        return found

    # ------------------------------------------------------------------ the bays of each seat

    def introduce(self, bay: Bay) -> None:
        """Let those who may take from new rows know of them."""
        bay.kin.bays.append(bay)
        for seat in self.of(bay.kin.bits & self.sees(bay.lanes)):
            sight = seat.group.sight(bay.lanes)
            if sight is not None:
                seat.bays.append((bay, sight))
                seat.looks = None

    def outfit(self, seat: Seat) -> None:
        """Find the rows from which an advisor may ever take."""
        seat.bays, seat.looks = [], None
        for kin in self._kins.values():
            if kin.bits & seat.bit:
                for bay in kin.bays:
                    sight = seat.group.sight(bay.lanes)
                    if sight is not None:
                        seat.bays.append((bay, sight))

    def forget(self, bays: Iterable[Bay]) -> None:
        """Forget bays that have no rows any more."""
        gone = set(bays)
        for wants, kin in list(self._kins.items()):
            kin.bays = [one for one in kin.bays if one not in gone]
            if not kin.bays:
                del self._kins[wants]
        self._known_kins.clear()
        for seat in self.seats:
            if seat is not None:
                seat.bays = [one for one in seat.bays if one[0] not in gone]
                seat.looks = None

    def looks(self, seat: Seat) -> Looks:
        """Return where an advisor looks for a contact."""
        found = seat.looks
        if found is None:
            plain: dict[Sight, list[Bay]] = {}
            for bay, sight in seat.bays:
                plain.setdefault(sight, []).append(bay)
            found = seat.looks = Looks(
                tuple(sorted(
                    ((one.ranks[0], one, tuple(bays)) for one, bays in plain.items()
                     if len(one.ranks) == 1),
                    key=itemgetter(0),
                )),
                tuple(bay for bay, sight in seat.bays if len(sight.ranks) > 1),
            )  # fmt: skip
        return found
