"""Plays a timeline on whole machines: intakes and desks, told by the records of their topics.

The same expectations are looked up as by the pure course. All of a row happens at one moment, and
offers are made at its end, so an operator halts the desks, the row's records are written, and they
are resumed. Between rows time stops at whatever is due, so that one desk hands over to another at
the right moment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from tierlane.advisor import ACCEPTED
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.case import Moment, Timeline
from tierlane.policy.publish.publication import InFlight
from tierlane.policy.trial.trying import Difference, Result
from tierlane.replay.timeline.comparing import Comparing, unexpected
from tierlane.replay.timeline.running import NO_REVISIONS
from tierlane.replay.timeline.script import Said, Script, Unsayable
from tierlane.replay.timeline.view import View
from tierlane.routing.desk import STANDSTILL
from tierlane.routing.waiting.managed import ManagedDesk
from tierlane.topic import CUSTOMER_PROFILES

MOST_ROUNDS: Final = 50
"""Times that all offers of a row are accepted, past which they would go on for ever."""


class Backend(Protocol):
    """Whole machines and their log; time is what the player says."""

    def begin(self, revision: Revision, memories: Mapping[bytes, bytes], now: int) -> None:
        """Begin on empty topics, with what intake remembers of customers by their key."""

    def write(self, said: Sequence[Said], now: int) -> None:
        """Write records, all taken by the log at `now`."""

    def settle(self) -> None:
        """Return when everything that was written is done, and what came of it."""

    def pass_to(self, now: int, said: Sequence[Said]) -> None:
        """Let time come to a moment at which something is due, and what is due happen.

        `said` are orders that change nothing: desks that read them hear of the moment.
        """

    def publish(self, revision: Revision, in_flight: InFlight, now: int) -> None:
        """Publish a policy at a moment, and return when all go by it."""

    def crash(self) -> None:
        """End whoever runs the machines, without notice, in the midst of what was written."""

    def stop(self) -> None:
        """End them until `go_on`."""

    def go_on(self, now: int) -> None:
        """Begin them again."""

    def desks(self) -> Mapping[str, ManagedDesk]:
        """Return the desks as the owners' kept state has them."""

    def next_deadline(self) -> int | None:
        """Return when something is due at any desk, by the owners' kept state."""

    def audit(self) -> Iterable[tuple[Mapping[str, Any], bytes]]:
        """Return the audit records since the last call: their `data`, and all bytes."""


@dataclass(slots=True)
class Play:
    """One timeline on one backend."""

    revision: Revision
    case: Timeline
    backend: Backend
    published: Mapping[str, Revision] = field(default_factory=lambda: NO_REVISIONS)
    crash_at: int = -1
    """The row in the midst of which the machines crash; -1: none."""
    unseen: int = 0
    """Rows at which nobody could look, since everything stood still."""
    script: Script = field(init=False)
    view: View = field(init=False)
    still: bool = False
    """Whether nobody runs the machines at this row."""
    _halted: set[str] = field(default_factory=set)
    """Desks that the case itself has halted."""

    def result(self) -> Result:
        """Play and compare. Raises `Unsayable` for what no record can say."""
        self.script = Script(self.case, self.revision)
        known = {one.hash: one for one in (self.revision, *self.published.values())}
        self.view = View(self.case, self.script, self.revision, known)
        before = self.script.heartbeats_before()
        self._refuse_short_standstills()
        self.backend.begin(self.revision, self.script.memories(), self.case.start)
        differences: list[Difference] = []
        for number, row in enumerate(self.case.moments):
            for at in sorted(age for age in before if age < row.at):
                self._at(self.case.start + at, before.pop(at))
            crash = number == self.crash_at
            found = self._row(row, before.pop(row.at, []), crash=crash)
            at_age = f"at {row.at / 1000:g}s "
            differences += [one._replace(key=at_age + one.key) for one in found]
        differences += unexpected(self.case, self.view) + self.view.unproven
        return Result(self.case.name, self.case.place, tuple(differences))

    def _refuse_short_standstills(self) -> None:
        begun = 0
        for row in self.case.moments:
            if row.standstill == "begins":
                begun = row.at
            elif row.standstill == "ends" and row.at - begun <= STANDSTILL:
                raise Unsayable(
                    "a standstill this short is none",
                    hint=f"desks take {STANDSTILL / 1000:g}s of silence for one",
                )

    # ------------------------------------------------------------------ time

    def _managed(self) -> list[str]:
        return [one.desk for one in self.script.revision.lines if one.managed]

    def _advance(self, now: int) -> None:
        """Stop at whatever is due before a moment."""
        while not self.still and (due := self.backend.next_deadline()) is not None and due < now:
            self.backend.pass_to(due, self._resumes(due))

    def _at(self, now: int, said: Sequence[Said]) -> None:
        """Write records between two rows."""
        self._advance(now)
        self.backend.write([*said, *self._resumes(now)], now)
        self.backend.settle()

    def _resumes(self, now: int) -> list[Said]:
        """Return what lets every desk go on, but for those that the case itself has halted.

        These hear of the moment, too: what is due at it happens when they do.
        """
        return [
            self.script.order("halt" if desk in self._halted else "resume", desk, now)
            for desk in self._managed()
        ]

    def _orders(self, what: str, now: int) -> list[Said]:
        return [self.script.order(what, desk, now) for desk in self._managed()]

    # ------------------------------------------------------------------ a row

    def _row(self, row: Moment, beats: Sequence[Said], *, crash: bool) -> list[Difference]:
        now = self.case.start + row.at
        self._advance(now)
        self._look()
        begun = len(self.view.changes)
        if row.standstill == "ends":
            self.still = False
            self.backend.go_on(now)
        if row.standstill == "begins":
            self._play(row, beats, now, crash=crash)
            self.backend.stop()
            self.still = True
        elif self.still:
            for phase in self._phases(row):
                self.backend.write(phase, now)
            self.unseen += 1
            return []
        else:
            self._play(row, beats, now, crash=crash)
        self._look()
        comparing = Comparing(self.view, now, begun)
        found = [one for name, expect in row.expect for one in comparing.contact(name.name, expect)]
        return found + comparing.desks(row.desk)

    def _phases(self, row: Moment) -> Iterable[list[Said]]:
        """Yield a row's records; each part is done before the next is written."""
        script = self.script
        for part in (script.profiles, script.advisors, script.contacts, script.answers):
            said = part(row, self.view)
            if said:
                yield said

    def _play(self, row: Moment, beats: Sequence[Said], now: int, *, crash: bool) -> None:
        backend = self.backend
        # A moment before, so that whatever is due at this one finds all desks halted already.
        early = now if row.standstill == "ends" else now - 1
        backend.write(self._orders("halt", early), early)
        for one in row.orders:
            if one.what == "halt":
                self._halted.add(one.target.name)
            elif one.what == "resume":
                self._halted.discard(one.target.name)
        backend.settle()
        if row.publish is not None:
            revision = self.published[row.publish.name]
            self.script.revision = self.view.revision = revision
            in_flight: InFlight = "reroute" if row.in_flight == "reroute" else "pin"
            backend.publish(revision, in_flight, now)
            backend.settle()
        phases = self._phases(row)
        for phase in phases:
            backend.write(phase, now)
            if crash and phase[0].topic != CUSTOMER_PROFILES:
                backend.crash()
                crash = False
            backend.settle()
            self._look()
        backend.write([*beats, *self._resumes(now)], now)
        if crash:
            backend.crash()
        backend.settle()
        if self.case.accepts_all:
            self._accept_all(now)

    def _accept_all(self, now: int) -> None:
        """Accept every offer at once, until none is made any more."""
        for _ in range(MOST_ROUNDS):
            before = len(self.view.changes)
            self._look()
            made = [one for one in self.view.changes[before:] if one.kind == "offered"]
            if not made:
                return
            accepted = [
                self.script.answer(ACCEPTED, one.advisor_id, one.contact_id, now, self.view)
                for one in made
            ]
            said = [*self._orders("halt", now), *accepted, *self._resumes(now)]
            self.backend.write(said, now)
            self.backend.settle()

    def _look(self) -> None:
        self.view.take(self.backend.audit())
        self.view.look(self.backend.desks())


def standing_still(case: Timeline) -> list[Moment]:
    """Return the rows at which nobody runs the machines, so that nobody can look, either."""
    found, still = [], False
    for row in case.moments:
        if row.standstill == "ends":
            still = False
        if still:
            found.append(row)
        if row.standstill == "begins":
            still = True
    return found
