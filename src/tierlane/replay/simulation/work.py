"""Keeps account of one advisor: on duty, busy, and for how many contacts."""

from dataclasses import dataclass

from tierlane.replay.simulation.journal import Worked
from tierlane.replay.simulation.staffing import OFF, ON, Seated


@dataclass(slots=True)
class Stint:
    """Time on duty and time busy of one advisor, as far as they lie in the period that counts."""

    seated: Seated
    begin: int
    end: int
    state: str = "off"
    held: int = 0
    duty: int = 0
    busy: int = 0
    contacts: int = 0
    _on_since: int = 0
    """Since when on duty, or beyond it with a contact in hand."""
    _busy_since: int = 0
    _wrapping: int = 0

    def turn(self, state: str, now: int) -> None:
        """Come on duty, take a break or leave; who has a contact in hand ends it first."""
        if self.state != ON and state == ON:
            if not self.held:
                self._on_since = max(now, self._wrapping)
        elif self.state == ON and state != ON and not self.held:
            self.duty += self._within(self._on_since, max(now, self._wrapping))
        self.state = state

    def may_go(self, group: str) -> bool:
        """Tell whether an advisor of the group is on duty with nothing in hand."""
        return self.state == ON and not self.held and self.seated.group == group

    def stays(self, group: str) -> bool:
        """Tell whether an advisor of the group has left but for a contact in hand."""
        return self.state == OFF and self.held > 0 and self.seated.group == group

    def take(self, now: int) -> None:
        """Take a contact on."""
        if not self.held:
            self._busy_since = now
            if self.state != ON:  # told to leave while the contact was on offer
                self._on_since = now
        self.held += 1
        self.contacts += self.begin <= now < self.end

    def finish(self, now: int, wrap_up: int) -> None:
        """Be done with a contact, and wrap it up."""
        self.held -= 1
        self._wrapping = max(self._wrapping, now + wrap_up)
        if not self.held:
            self.busy += self._within(self._busy_since, now + wrap_up)
            if self.state != ON:
                self.duty += self._within(self._on_since, now + wrap_up)

    def close(self, now: int) -> Worked:
        """Return what was worked by the end of the simulation."""
        if self.held:
            self.busy += self._within(self._busy_since, now)
        if self.held or self.state == ON:
            self.duty += self._within(self._on_since, now)
        one = self.seated
        return Worked(one.name, one.group, one.desk, self.duty, self.busy, self.contacts)

    def _within(self, since: int, until: int) -> int:
        return max(0, min(until, self.end) - max(since, self.begin))
