"""A managed desk for tests: a policy with all that a line knows, and short ways to drive it."""

from typing import Any

from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.capacity import Capacity
from tierlane.policy.form.desk import Duty
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import Accepted, Arrived, Declined, Event, Finished, SignedOn
from tierlane.routing.waiting.managed import ManagedDesk

START = 1_772_442_000_000

HALL = """
tierlane: 1
policy: hall
fields:
  contact.subject: [plain, wanted, quick, scarce, far, patient]
  contact.attributes.wanted: text
priorities:
  default: 1
  rules:
    - {rule: quick, when: contact.subject == 'quick', then: {start: 5, by: 1, every: 10s, to: 12}}
promises:
  default: {}
  rules: [{rule: patient, when: contact.subject == 'patient', then: {answer: 2m}}]
floors: [{rule: never below two, when: contact.channel == 'voice', then: {priority: 2}}]
budgets: [{budget: scarce, when: lane.name == 'scarce', per: advisor, most: 1}]
desks:
  hall:
    offer: {lasts: 10s}
    capacity:
      units: 100
      voice: {costs: 100}
      chat: {costs: 40, most: 2, beside: [mail]}
      mail: {costs: 10}
    wrap_up: {voice: 5s}
    duties:
      general: {people: 1, scarce: 1, senior: {rank: 2, after: 20s}}
      senior: {senior: 1, people: {rank: 2, after: 15s}}
  other: {}
lanes:
  people: {kind: standard, desk: hall, limit: {waiting: 6}}
  senior: {kind: priority, desk: hall}
  scarce: {kind: dedicated, desk: hall}
  away: {kind: standard, desk: other}
plans:
  - {plan: rescue, when: "false", steps: [{lane: senior, priority: 9}]}
  - plan: wanted
    when: contact.subject == 'wanted'
    steps:
      - {lane: people, who: [advisor.id == contact.attributes.wanted], for: 15s}
      - {lane: people, skip_if: lane.free == 0, until: 40s}
      - {priority: 4, borrow: [senior]}
  - plan: scarce
    when: contact.subject == 'scarce'
    steps: [{lane: scarce, until: 30s}, {lane: people}]
  - plan: far
    when: contact.subject == 'far'
    steps: [{lane: people, until: 12s}, {lane: away}]
  - plan: everybody
    steps: [{lane: people, until: 50s}, {lane: senior, until: 90s}]
    finally: {plan: rescue}
finally: {until: 3m, close: sorry}
fallback: senior
"""


def revision(old: str = "", new: str = "", text: str = HALL) -> Revision:
    """Return the policy, compiled, with a piece of it replaced."""
    assert old in text
    return compile_policy(text.replace(old, new), "hall.yaml")


class Hall:
    """Drives one desk; times are seconds after `START`."""

    def __init__(self, policy: Revision | None = None, desk: str = "hall") -> None:
        self.policy = policy or revision()
        self.desk = ManagedDesk(desk, self.policy)
        self.changes: list[Change] = []
        self.calls = 0

    def at(self, seconds: float, *events: Event) -> list[Change]:
        """Let things happen at one moment; return what came of them."""
        self.calls += 1
        now = START + round(seconds * 1000)
        made = self.desk.on_events(now, events, f"c{self.calls}")
        self.changes += made
        return made

    def arrival(self, name: str, seconds: float, channel: str = "chat", **about: Any) -> Arrived:
        """Return a contact as intake would hand it to the desk."""
        now = START + round(seconds * 1000)
        contact = {"contact_id": name, "channel": channel, **about}
        itinerary = self.policy.itinerary(contact, None, None, now, arrived=now)
        return Arrived(name, itinerary, now, itinerary.plan)

    def come(self, seconds: float, name: str, channel: str = "chat", **about: Any) -> list[Change]:
        """Let a contact come."""
        return self.at(seconds, self.arrival(name, seconds, channel, **about))

    def sign_on(self, seconds: float, name: str, duty: str = "", **about: Any) -> list[Change]:
        """Let an advisor begin."""
        return self.at(seconds, self.seat(name, duty, **about))

    def seat(self, name: str, duty: str = "", **about: Any) -> SignedOn:
        """Return an advisor who signs on."""
        line = next(one for one in self.policy.lines if one.desk == self.desk.state.desk)
        found: Duty | None = next((one for one in line.duties if one.name == duty), None)
        capacity: Capacity = about.pop("capacity", line.capacity)
        values = {"id": name, "languages": (), "channels": (), **about}
        return SignedOn(name, values, capacity, found)

    def accept(self, seconds: float, advisor: str, contact: str) -> list[Change]:
        """Let an advisor accept."""
        return self.at(seconds, Accepted(advisor, contact))

    def decline(self, seconds: float, advisor: str, contact: str) -> list[Change]:
        """Let an advisor decline."""
        return self.at(seconds, Declined(advisor, contact))

    def finish(self, seconds: float, advisor: str, contact: str) -> list[Change]:
        """Let an advisor be done with a contact."""
        return self.at(seconds, Finished(advisor, contact))


def offers(changes: list[Change]) -> list[tuple[str, str]]:
    """Return advisor and contact of the offers made."""
    return [(one.advisor_id, one.contact_id) for one in changes if one.kind == "offered"]


def kinds(changes: list[Change]) -> list[str]:
    """Return what happened, in order."""
    return [one.kind for one in changes]
