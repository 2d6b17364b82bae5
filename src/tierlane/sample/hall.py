"""The demonstration of a managed desk: its policy, its advisors, and who comes when.

A morning of half a minute: few advisors and a rush, so that lanes fill and promises come near their
end; then more advisors, and one of them vanishes while serving.
"""

from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

import orjson

from tierlane.sample.chance import weighted
from tierlane.sample.crew import Member, Temper
from tierlane.value import format_time

DESK: Final = "hall"
TEMPER: Final = Temper(
    reaction=(300, 900), service=(3_000, 6_000), away=(60_000, 60_000), heartbeat=1_000
)
GENERAL: Final = ("ann", "bob", "cem", "dua", "eve")
SENIOR: Final = ("mei", "ola")
LATE: Final = {"cem": 9_000, "dua": 11_000, "eve": 12_000, "ola": 5_000}
"""Who begins after the rush, in ms."""
RUSH: Final = 7_000
"""Ms in which the first half of the contacts comes; the others take twice as long."""
VANISHES: Final = 14_000
"""When somebody who serves falls silent, in ms."""
LEAVES: Final = 0.05
PATIENCE: Final = 5_000
"""Ms after which those leave who do."""


class Arrival(NamedTuple):
    """An event of a contact, and when it is sent."""

    after: int
    """Ms after the beginning."""
    kind: str
    contact_id: str
    data: dict[str, Any]

    def event(self, began: int) -> bytes:
        """Return it as a line of JSON; `began` in ms."""
        return orjson.dumps(
            {
                "specversion": "1.0",
                "id": f"{self.kind}-{self.contact_id}",
                "source": "demo",
                "type": f"tierlane.contact.{self.kind}.v1",
                "time": format_time(began + self.after),
                "subject": self.contact_id,
                "data": {"contact_id": self.contact_id, **self.data},
            }
        )


def members() -> list[Member]:
    """Return the advisors of the hall."""
    duties = {**dict.fromkeys(GENERAL, "general"), **dict.fromkeys(SENIOR, "senior")}
    about = {"languages": ["zh", "en"], "channels": ["voice", "chat"]}
    return [
        Member(name, DESK, {**about, "duty": duty}, LATE.get(name, 0))
        for name, duty in duties.items()
    ]


def arrivals(contacts: int, seed: int) -> list[Arrival]:
    """Return what happens to so many contacts, in the order of time."""
    random = Random(f"hall/{seed}")
    channel = weighted({"chat": 3, "voice": 2}, random.random)
    subject = weighted({"question": 5, "booking": 3, "complaint": 1}, random.random)
    found = []
    for number in range(contacts):
        at = _moment(number / contacts)
        name = f"k-{number + 1:02}"
        customer = f"u-{number + 1:02}"
        about = {"customer_id": customer, "channel": channel(), "subject": subject()}
        found.append(Arrival(at, "arrived", name, about))
        if random.random() < LEAVES:
            found.append(Arrival(at + PATIENCE, "abandoned", name, {"customer_id": customer}))
    return sorted(found)


def _moment(share: float) -> int:
    """Return when a share of the contacts has come: half in the rush, the others after it."""
    if share < 0.5:
        return round(share * 2 * RUSH)
    return round(RUSH + (share - 0.5) * 4 * RUSH)


def profiles(contacts: int, seed: int) -> Iterator[bytes]:
    """Yield the profiles of those who are known: one in four is a member with an advisor."""
    random = Random(f"guests/{seed}")
    for number in range(contacts):
        if random.random() < 0.25:
            name = SENIOR[int(random.random() * len(SENIOR))]
            yield orjson.dumps(
                {
                    "customer_id": f"u-{number + 1:02}",
                    "membership": {"level": "gold"},
                    "dedicated_advisor": name,
                }
            )


def policy() -> str:
    """Return the text of the hall's policy."""
    return (files("tierlane.sample") / "hall.yaml").read_text(encoding="utf-8")


def write_hall(folder: Path, contacts: int, seed: int, began: int) -> dict[str, int]:
    """Write policy, profiles, directory and contacts to a folder; `began` dates them, in ms.

    Returns the lines of each file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "policy.yaml").write_text(policy(), encoding="utf-8")
    lines = {
        "profiles.jsonl": profiles(contacts, seed),
        "advisors.jsonl": (_listed(one, began) for one in members()),
        "contacts.jsonl": (one.event(began) for one in arrivals(contacts, seed)),
    }
    counts = {}
    for name, rows in lines.items():
        made = [one + b"\n" for one in rows]
        (folder / name).write_bytes(b"".join(made))
        counts[name] = len(made)
    return counts


def _listed(member: Member, began: int) -> bytes:
    data = {"advisor_id": member.id, "desk": member.desk, "languages": member.about["languages"]}
    return orjson.dumps(
        {
            "specversion": "1.0",
            "id": f"d-{member.id}",
            "source": "workforce",
            "type": "tierlane.advisor.listed.v1",
            "time": format_time(began),
            "subject": member.id,
            "data": data,
        }
    )
