"""Four minutes of two managed desks, recorded in memory: all that leaves its mark in their audit.

Made-up advisors answer (`tierlane.sample.crew`); customers come, change their minds, leave and are
transferred; an operator gives orders; owners are begun again, once after a standstill; and another
revision is published. `python -m tests.replay.floor` writes the recording `golden/floor.jsonl.gz`
anew, which is only right where a release changes what a policy means; the changelog must then say
so.
"""

from collections.abc import Iterable
from functools import cache, partial
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson

from tests.replay.scene import MASK_KEY, PARTITIONS, Records, event, write
from tierlane.audit.mask import Mask
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.publish.publication import Publication
from tierlane.replay.memory import MemoryDriver, MemoryLog
from tierlane.replay.stored import StoredRecord
from tierlane.replay.verify.verdict import Verdict
from tierlane.replay.verify.verify import Terms, verify
from tierlane.routing.desk import Desk
from tierlane.routing.intake import Intake
from tierlane.sample.crew import Crew, Member, Temper
from tierlane.stream.murmur import place
from tierlane.value import format_time

NOW: Final = 1_772_442_000_000
TICK: Final = 137
"""Ms from one look to the next: no multiple of what the policy states."""
TICKS: Final = 1_500
COMING: Final = 1_000
"""Ticks in which contacts come."""
FIRST: Final = Path(__file__).with_name("floor.yaml").read_text(encoding="utf-8")
SECOND: Final = FIRST.replace("to: 12}", "to: 11}").replace("until: 6s}", "until: 8s}")
"""Priorities grow less, and a step lasts longer."""
SUBJECTS: Final = (
    *("plain",) * 6,
    "claim",
    *("urgent",) * 2,
    *("far",) * 3,
    *("own",) * 4,
    *("scarce",) * 2,
    "later",
)
TEMPER: Final = Temper(
    accept=0.78,
    decline=0.1,
    silence=0.07,
    vanish=0.05,
    reaction=(200, 1_500),
    service=(2_000, 7_000),
    away=(4_000, 9_000),
    heartbeat=1_100,
)
CHANGES: Final = {
    200: (("signed_on", "annex"), ("state", "annex")),
    260: (("signed_on", "hall"),),
    300: (("signed_off", "annex"),),
    301: (("signed_on", "hall"), ("state", "hall")),
    900: (("signed_off", "hall"),),
}
"""Tick → what somebody on a break says who goes to another desk, once too early."""
GENERAL: Final = ("ann", "bob", "cem", "dua")
SENIOR: Final = ("mei", "ola")
MEMBERS: Final = (
    *(Member(name, "hall", {"duty": "general"}, 300) for name in GENERAL),
    *(Member(name, "hall", {"duty": "senior"}, 700) for name in SENIOR),
    *(Member(name, "annex", {"rank": 1}, at) for name, at in (("pim", 400), ("quo", 100_000))),
)  # fmt: skip


class Floor:
    """Plays it all on a log in memory."""

    def __init__(self, driving: type[MemoryDriver] = MemoryDriver, seed: int = 9) -> None:
        first, self._second = revisions()
        self.log = MemoryLog(PARTITIONS, place, NOW)
        by_hash = {one.hash: one for one in revisions()}
        self._driver = driving(
            self.log,
            partial(Intake, deployment="d1", revision=first, mask=Mask(MASK_KEY)),
            partial(Desk, deployment="d1", revision=first, lookup=by_hash.get),
            batch=7,
        )
        self._crew = Crew(list(MEMBERS), TEMPER, seed)
        self._random = Random("floor")
        self._told = [0] * PARTITIONS
        self._waiting: list[str] = []
        """Contacts that came and are not known to be over."""
        self._urgent: set[str] = set()
        self._came = 0
        self._said = 0
        self._far: list[tuple[int, str]] = []
        """Contacts that began at the annex, each after the tick at which it came."""
        self._released = False

    def play(self) -> MemoryLog:
        """Play everything and return the log."""
        for number in range(0, 60, 2):
            about = {"membership": {"level": "gold"}, "dedicated_advisor": SENIOR[number // 2 % 2]}
            profile = orjson.dumps({"customer_id": f"u-{number}", **about})
            self.log.append("customer.profiles", f"u-{number}".encode(), profile)
        self._crew.begin(self.log.now)
        for tick in range(TICKS):
            self.log.now += TICK
            self._happen(tick)
            for said in self._crew.due(self.log.now):
                key = said["data"]["desk"].encode()
                self.log.append("advisor.events", key, orjson.dumps(said))
            self._driver.settle()
            self._driver.fire()
            self._driver.settle()
            self._hear()
        return self.log

    def _happen(self, tick: int) -> None:
        random = self._random
        if tick < COMING and random.random() < 0.2:
            self._arrive(tick)
        if self._waiting and random.random() < 0.05:
            self._change(random.choice(self._waiting[-12:]))
        if tick % 150 == 149:
            self._order(tick // 150)
        if tick % 90 == 89:
            self._repeat()
        if tick == COMING + 200:
            self._crew.go_home(self.log.now)
        self._disturb(tick)

    def _disturb(self, tick: int) -> None:
        """Let owners begin again, advisors leave, and another revision be published."""
        if tick in (420, 910):
            self._driver.restart()
        if tick == 600:  # nobody is there for 20 s, and what comes meanwhile waits
            self.log.now += 15_000
            self._arrive(tick)
            self.log.now += 5_000
            self._driver.restart()
            self._driver.settle()  # before anybody's desktop is heard of again
        if tick in (240, 720):
            self._sign_off()
        if tick >= 100 and not self._released:
            self._release()
        if tick in {350, 500, 650}:
            self._say_more(tick)
        for kind, desk in CHANGES.get(tick, ()):
            self._tell(kind, "vin", desk, **({"state": "break"} if kind == "state" else {}))
        if tick == 760:
            self._driver.publish(self._second, Publication("pin", 1))

    def _arrive(self, tick: int) -> None:
        random, number = self._random, self._came
        self._came += 1
        subject = random.choice(SUBJECTS)
        about: dict[str, Any] = {"subject": subject}
        about["channel"] = random.choice(("chat", "voice"))
        if subject == "later":
            later = format_time(self.log.now + 12_000)
            about |= {"subject": "plain", "attributes": {"ring_at": later}}
        if subject == "urgent":
            self._urgent.add(f"k-{number}")
        if subject == "far":
            self._far.append((tick, f"k-{number}"))
        self._say("arrived", f"k-{number}", **about)
        self._waiting.append(f"k-{number}")

    def _change(self, contact: str) -> None:
        """Let a customer say more, leave, or be transferred."""
        kind = self._random.choice(("updated", "updated", "abandoned", "transferred", "ended"))
        if kind in ("abandoned", "ended"):
            self._waiting.remove(contact)
        about = {"reason": "other desk"} if kind == "transferred" else {}
        if kind in ("updated", "transferred"):
            about["subject"] = self._random.choice(("plain", "claim", "urgent", "far"))
        self._say(kind, contact, **about)

    def _say_more(self, tick: int) -> None:
        """Let a customer say more whose contact has gone on to another desk, as 7 s have passed."""
        gone_on = [name for at, name in self._far if 60 < tick - at < 100 and name in self._waiting]
        if gone_on:
            self._say("updated", gone_on[-1], subject="claim")

    def _say(self, kind: str, contact: str, **about: Any) -> None:
        self._said += 1
        key = f"u-{int(contact.removeprefix('k-')) % 60}"
        data = {"contact_id": contact, "customer_id": key, **about}
        value = event(f"contact.{kind}", f"{kind}-{self._said}", self.log.now, **data)
        self.log.append("contact.events", key.encode(), value)

    def _sign_off(self) -> None:
        """Let somebody who serves leave, whose desktop goes on until that is confirmed."""
        who = next((one for one in self._crew.desktops.values() if one.held), None)
        if who is not None:
            self._tell("signed_off", who.member.id, who.member.desk)

    def _tell(self, kind: str, who: str, desk: str, **about: Any) -> None:
        name = f"{kind}-{who}-{self.log.now}"
        value = event(f"advisor.{kind}", name, self.log.now, advisor_id=who, desk=desk, **about)
        self.log.append("advisor.events", desk.encode(), value)

    def _release(self) -> None:
        """Take an urgent contact back from the only one there, so that later ones pass it.

        It is done once, as soon as they have one.
        """
        pim = self._crew.desktops["pim"]
        late = sorted(self._urgent & {*pim.held, *pim.offered.values()})
        if not late:
            return
        self._released = True
        told = {"desk": "annex", "reason": "tried", "contact_id": late[0]}
        value = event("desk.released", "order-late", self.log.now, **told)
        self.log.append("advisor.events", b"annex", value)

    def _repeat(self) -> None:
        """Let records come twice, as they do where a source sends at least once."""
        for topic in ("advisor.events", "contact.events"):
            record = self.log.all(topic)[-5]
            self.log.append(topic, record.key, record.value)

    def _order(self, number: int) -> None:
        """Give an operator's orders, one kind after the other."""
        late = self._waiting[-1]
        for desk, kind, about in (
            ("annex", "moved", {"contact_id": late, "lane": "aside"}),
            ("hall", "moved", {"contact_id": late, "lane": "express"}),
            ("hall", "closed" if number % 2 else "opened", {"lane": "scarce"}),
            ("hall", "released", {"contact_id": self._waiting[-3]}),
            ("annex", "released", {"contact_id": self._waiting[-2]}),
        ):
            name = f"order-{desk}-{kind}-{number}"
            told = {"desk": desk, "reason": "tried", "by": "op", **about}
            value = event(f"desk.{kind}", name, self.log.now, **told)
            self.log.append("advisor.events", desk.encode(), value)

    def _hear(self) -> None:
        for number in range(PARTITIONS):
            for record in self.log.read("advisor.offers", number, self._told[number]):
                offer = orjson.loads(record.value or b"")
                self._crew.hear(offer["type"], offer["data"], self.log.now)
                self._told[number] += 1


@cache
def recorded() -> tuple[StoredRecord, ...]:
    """Return all records, as they were written."""
    return tuple(one for batch in Floor().play().batches() for one in batch)


@cache
def revisions() -> tuple[Revision, ...]:
    """Return both revisions."""
    return tuple(compile_policy(one.encode(), "floor.yaml") for one in (FIRST, SECOND))


def verified(records: Iterable[StoredRecord]) -> Verdict:
    """Verify records as they would be read."""
    return verify(Records(records), Terms(Mask(MASK_KEY)), files=revisions())


if __name__ == "__main__":
    write(recorded(), "floor")
