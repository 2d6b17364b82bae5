"""A desk of 2,000 advisors with 50 skills for the Desk row: its policy, its people, its day.

Drawn from one seed, so that two runs put the same questions. Nothing here is timed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.itinerary import Itinerary
from tierlane.policy.deciding.revision import Revision
from tierlane.routing.waiting.change import Change
from tierlane.routing.waiting.event import (
    Accepted,
    Arrived,
    Declined,
    Event,
    Finished,
    Gone,
    SignedOn,
)

START = 1_772_442_000_000
SKILLS = 50
ADVISORS = 2_000
CHANNELS = ("voice", "chat", "chat", "mail")
WRAP_UP = 8_000
HANDLING = 300_000
"""Mean time with a contact, in ms, drawn exponentially."""
ANSWER = 4_000
"""Mean time until an offer is answered, in ms."""
PACE = 110
"""Ms between two arrivals while a line builds up: about what the advisors get through."""

HEAD = """
tierlane: 1
policy: care
fields:
  contact.subject: {subjects}
  contact.attributes.grade: number
  contact.attributes.worth: [basic, silver, gold]
priorities:
  default: {{start: 1, by: 1, every: 5m, to: 6}}
  rules:
    - rule: gold
      when: contact.attributes.worth == 'gold'
      then: {{start: 4, by: 1, every: 1m, to: 9}}
    - rule: silver
      when: contact.attributes.worth == 'silver'
      then: {{start: 2, by: 1, every: 2m, to: 7}}
promises:
  default: {{}}
  rules: [{{rule: voice, when: contact.channel == 'voice', then: {{answer: 2m}}}}]
desks:
  care:
    offer: {{lasts: 20s}}
    choose: [load, idle]
    capacity:
      units: 100
      voice: {{costs: 100}}
      chat: {{costs: 40, most: 2, beside: [mail]}}
      mail: {{costs: 20}}
    wrap_up: {{voice: 8s}}
    duties:
      general: {{people: 1, first: {{rank: 2, after: 60s}}}}
      senior: {{first: 1, people: {{rank: 2, after: 120s}}}}
      whole: {{first: 1, people: 1}}
lanes:
  people: {{kind: standard, desk: care}}
  first: {{kind: priority, desk: care}}
finally: {{until: 48h, close: sorry}}
fallback: people
plans:
"""
PLAN = """\
  - plan: {skill}
    when: contact.subject == '{skill}'
    steps:
      - {{lane: first, when: contact.attributes.worth == 'gold', who: [advisor.skills.{skill} >= 3], until: 10m}}
      - {{lane: people, who: [advisor.skills.{skill} >= contact.attributes.grade], until: 5m}}
      - {{lane: people, who: [advisor.skills.{skill} >= 1], until: 48h}}
"""  # noqa: E501 # a row of a policy
DUTIES = ("general", "general", "senior", "whole")


def revision() -> Revision:
    """Return the policy."""
    return compile_policy(text(), "care.yaml")


def text() -> str:
    """Return the policy as a document: 50 plans of three steps over two lanes."""
    names = [f"s{number}" for number in range(SKILLS)]
    head = HEAD.format(subjects=f"[{', '.join(names)}]")
    plans = [PLAN.format(skill=one) for one in names]
    plans[-1] = plans[-1].replace(f"    when: contact.subject == '{names[-1]}'\n", "")
    return head + "".join(plans)


def advisors(policy: Revision, random: Random) -> list[SignedOn]:
    """Return who serves: three to eight skills each, at levels 1 to 5."""
    line = next(one for one in policy.lines if one.desk == "care")
    duties = {one.name: one for one in line.duties}
    found = []
    for number in range(ADVISORS):
        skills = random.sample(range(SKILLS), random.randint(3, 8))
        values: dict[str, Any] = {"id": f"a{number:04}", "languages": ("en",), "channels": ()}
        values |= {f"skills.s{one}": random.randint(1, 5) for one in skills}
        duty = duties[DUTIES[number % len(DUTIES)]]
        found.append(SignedOn(f"a{number:04}", values, line.capacity, duty))
    return found


@dataclass(slots=True)
class Customers:
    """Draws contacts; those alike share what the policy says of them, as a desk reads it."""

    policy: Revision
    random: Random
    numbers: Iterator[int] = field(default_factory=count)
    known: dict[tuple[Any, ...], Itinerary] = field(default_factory=dict)

    def arrival(self, now: int) -> Arrived:
        """Return the next contact."""
        random, number = self.random, next(self.numbers)
        channel, worth = random.choice(CHANNELS), random.choices(WORTHS, (70, 20, 10))[0]
        kind = (channel, worth, random.randrange(SKILLS), random.choice((1, 1, 2, 3)))
        one = self.known.get(kind)
        if one is None:
            one = self.known[kind] = self._itinerary(kind, now)
        own = Itinerary(
            one.revision, one.plan, one.legs, one.last, one.priority, one.floor, one.answer,
            one.channel, f"c{number}", one.barred, one.decided,
        )  # fmt: skip
        return Arrived(f"d1.ce3.{number}", own, now, own.plan)

    def _itinerary(self, kind: tuple[Any, ...], now: int) -> Itinerary:
        channel, worth, skill, grade = kind
        about = {"channel": channel, "subject": f"s{skill}", "contact_id": "k", "customer_id": "c"}
        about["attributes"] = {"worth": worth, "grade": grade}
        return self.policy.itinerary(about, None, None, now, arrived=now)


WORTHS = ("basic", "silver", "gold")


@dataclass(slots=True)
class Day:
    """What happens next at a desk, by what it told: answers, ends, and who gives up."""

    customers: Customers
    waiting: int
    """How many are to wait; 0 lets contacts come at a pace of their own."""
    pace: int = PACE
    """Mean ms between two arrivals where the line has its length, or has none to keep."""
    line: list[str] = field(default_factory=list)
    place: dict[str, int] = field(default_factory=dict)
    _due: list[tuple[int, int, Event | None]] = field(default_factory=list)
    _ties: Iterator[int] = field(default_factory=count)

    def next(self) -> tuple[int, Event]:
        """Return the next event with its moment; the moments ascend."""
        while True:
            now, _, event = heappop(self._due)
            if event is not None:
                return now, event
            self.coming(now)
            if len(self.line) < self.waiting or not self.waiting:
                return now, self.come(now)
            if self.random.random() < LEAVES:
                return now, self._gives_up()

    @property
    def random(self) -> Random:
        """What draws."""
        return self.customers.random

    def coming(self, now: int) -> None:
        """Let another contact be on its way."""
        short = len(self.line) < self.waiting - 50
        pace = 1 if short else self.pace
        self._put(now + 1 + round(self.random.expovariate(1 / pace)), None)

    def come(self, now: int) -> Arrived:
        """Return a contact that comes now."""
        arrived = self.customers.arrival(now)
        self.place[arrived.contact_id] = len(self.line)
        self.line.append(arrived.contact_id)
        return arrived

    def follow(self, changes: list[Change]) -> None:
        """Let people do what follows from what the desk told."""
        random = self.random
        for one in changes:
            if one.kind == "offered":
                self._answer(one, random.random())
            elif one.kind == "confirmed":
                self._left(one.contact_id)
                took = 1 + round(random.expovariate(1 / HANDLING))
                self._put(one.at + took, Finished(one.advisor_id, one.contact_id))
            elif one.kind == "closed":
                self._left(one.contact_id)

    def _answer(self, one: Change, chance: float) -> None:
        if chance < EXPIRES:
            return
        after = 1 + min(15_000, round(self.random.expovariate(1 / ANSWER)))
        kind = Declined if chance < EXPIRES + DECLINES else Accepted
        self._put(one.at + after, kind(one.advisor_id, one.contact_id, one.offer_id))

    def _gives_up(self) -> Gone:
        contact_id = self.random.choice(self.line)
        self._left(contact_id)
        return Gone(contact_id, "abandoned")

    def _left(self, contact_id: str) -> None:
        place = self.place.pop(contact_id, None)
        if place is None:
            return
        last = self.line.pop()
        if last != contact_id:
            self.line[place], self.place[last] = last, place

    def _put(self, moment: int, event: Event | None) -> None:
        heappush(self._due, (moment, next(self._ties), event))


EXPIRES = 0.03
DECLINES = 0.05
LEAVES = 0.05
"""The share of offers that expire and are declined, and of moments at which somebody gives up."""
