"""`python -m benchmarks.decide`: what one decision costs, without Kafka and without Intake.

Rows of policies (the packs, the shop of the tests) and of tables from ten to ten thousand rows,
all in one process, in turn, so that their ratios stand whatever else the machine does. The tables
are put to zen-engine, too: every contact's answer is compared before either is timed. Exits 1 when
a goal is missed.
"""

import gc
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from benchmarks.figure import Goal, Spread
from benchmarks.peer.zen_table import ZenTable
from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.sample import Sample

ROUNDS = 7
CONTACTS = 4_000
SIZES = (10, 100, 1_000, 10_000)
MOST_RATIO = 3
"""What ten thousand rows may cost against ten."""
LEAST_RATE = 10
"""What a table's decisions are to reach of zen-engine's rate."""
ZEN_MS = 200
"""About how long a round of zen-engine is to take: its time grows with the rows."""
TYPES = ("PS", "NW", "NE", "IN", "TT", "PE")
"""Types of calls in the bank's log."""
NOW = 1_772_800_000_000
OUT = Path(__file__).parent / "results" / "decide.json"

Asked = tuple[dict[str, Any], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Row:
    """A policy and the contacts put to it."""

    name: str
    revision: Revision
    asked: Sequence[Asked]
    zen: ZenTable | None = None


def main() -> int:
    """Measure, print a table, write JSON."""
    rows = [*_packs(), *(_table(size) for size in SIZES)]
    decide: dict[str, list[float]] = {row.name: [] for row in rows}
    both: dict[str, list[float]] = {row.name: [] for row in rows}
    zen: dict[str, list[float]] = {row.name: [] for row in rows}
    shares = {row.name: _alike(row) for row in rows if row.zen is not None}
    for _ in range(ROUNDS):
        for row in rows:
            decide[row.name].append(_measure(row, _decide))
            both[row.name].append(_measure(row, _encode))
            if row.zen is not None:
                zen[row.name].append(_zen(row.zen, row.asked[: shares[row.name]]))
    ratio = min(both[f"table of {SIZES[-1]}"]) / min(both[f"table of {SIZES[0]}"])
    goals = [Goal("10,000 rows against 10, decide and encode", ratio, MOST_RATIO, at_most=True)]
    goals += [
        Goal(
            f"rate of decide / zen-engine's, {name}",
            Spread.of(zen[name]).median / Spread.of(decide[name]).median,
            LEAST_RATE,
        )
        for name in shares
    ]
    print(
        f"{'policy':<20} {'decide µs':>22} {'decide + encode µs':>22} {'zen-engine µs':>26} fresh"
    )
    told = {}
    for row in rows:
        one, two = Spread.of(decide[row.name]), Spread.of(both[row.name])
        three = Spread.of(zen[row.name]) if zen[row.name] else None
        fresh = _fresh(row)
        told[row.name] = {"decide": one.json(), "both": two.json(), "fresh": round(fresh, 1)}
        if three:
            told[row.name]["zen"] = three.json()
        shown = _shown(three) if three else ""
        print(f"{row.name:<20} {_shown(one):>22} {_shown(two):>22} {shown:>26} {fresh:.0f}")
    for goal in goals:
        print(f"{goal.name}: {goal.got:.2f} ({goal.json()['limit']})")
    OUT.parent.mkdir(exist_ok=True)
    found = {"policies": told, "goals": [goal.json() for goal in goals]}
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    return 0 if all(goal.met for goal in goals) else 1


def _alike(row: Row) -> int:
    """Compare the answers for every contact; return how many to time zen-engine on.

    Raises RuntimeError where they differ: then neither has a rate.
    """
    zen = row.zen
    if zen is None:
        return 0
    begun = time.process_time()
    for contact, profile in row.asked:
        worth = dict(row.revision.decide(contact, profile, None, NOW).outcome.facts)["worth"]
        if zen.worth(contact) != worth:
            raise RuntimeError(f"{row.name}: zen-engine gives another answer")
    spent = (time.process_time() - begun) * 1e3
    return max(50, min(len(row.asked), round(len(row.asked) * ZEN_MS / spent)))


def _zen(zen: ZenTable, asked: Sequence[Asked]) -> float:
    """Return the processor's microseconds that zen-engine takes for a contact."""
    gc.collect()
    begun = time.process_time()
    for contact, _ in asked:
        zen.worth(contact)
    return (time.process_time() - begun) / len(asked) * 1e6


def _packs() -> list[Row]:
    sample = Sample(CONTACTS, 1)
    profiles = {}
    for line in sample.profile_lines():
        data = orjson.loads(line)["data"]
        profiles[data["customer_id"]] = data
    events = (orjson.loads(line) for line in sample.contact_lines())
    contacts = [one["data"] for one in events if one["type"] == "tierlane.contact.arrived.v1"]
    asked = [(one, profiles.get(one.get("customer_id"))) for one in contacts]
    bank = [
        (
            {**one, "channel": "voice", "subject": TYPES[n % 6], "attributes": {"priority": n % 3}},
            None,
        )
        for n, (one, _) in enumerate(asked)
    ]
    packs = Path("src/tierlane/policy/packs")
    return [
        Row("sample", _compiled(packs / "sample.yaml"), asked),
        Row("bank", _compiled(packs / "bank.yaml"), bank),
        Row("shop", _compiled(Path("tests/policy/shop.yaml")), asked),
    ]


def _compiled(path: Path) -> Revision:
    return compile_policy(path.read_bytes(), str(path))


def _table(size: int) -> Row:
    """Return a policy that looks up its priority in a table of so many products."""
    products = {f"item-{number}": ("low", "mid", "top")[number % 3] for number in range(size)}
    rows = "".join(f"      - [{product}, {worth}]\n" for product, worth in products.items())
    text = (
        "tierlane: 1\npolicy: table\n"
        "facts:\n  - fact: worth\n    default: none\n    table:\n      on: [contact.product]\n"
        f"      rows:\n{rows}"
        "priorities: {default: 1, rules: [{rule: top, when: fact.worth == 'top', then: 9}]}\n"
        "desks: {d: {managed: false}}\nlanes: {people: {kind: standard, desk: d}}\n"
        "plans: [{plan: all, steps: [{lane: people}]}]\n"
        "finally: {close: sorry}\nfallback: people\n"
    )
    asked: list[Asked] = [
        ({"contact_id": f"k{n}", "channel": "chat", "product": f"item-{n * 7919 % size}"}, None)
        for n in range(CONTACTS)
    ]
    revision = compile_policy(text, "table.yaml")
    return Row(f"table of {size}", revision, asked, ZenTable(products))


def _measure(row: Row, work: Callable[[Revision, Sequence[Asked]], None]) -> float:
    """Return the processor's microseconds a contact, classes met before."""
    gc.collect()
    begun = time.process_time()
    work(row.revision, row.asked)
    return (time.process_time() - begun) / len(row.asked) * 1e6


def _decide(revision: Revision, asked: Sequence[Asked]) -> None:
    for contact, profile in asked:
        revision.decide(contact, profile, None, NOW)


MASK = Mask(b"benchmark of decide")
CAUSE = orjson.Fragment(b'{"topic":"contact.events","partition":3,"offset":1234567}')


def _encode(revision: Revision, asked: Sequence[Asked]) -> None:
    for number, (contact, profile) in enumerate(asked):
        decided(
            revision.decide(contact, profile, None, NOW),
            decision_id="d1.ce3.1234567.d0",
            owner="intake-3",
            seq=number,
            contact_id=contact["contact_id"],
            at=NOW,
            seen=NOW,
            cause=CAUSE,
            mask=MASK,
        )


def _fresh(row: Row) -> float:
    """Return what a decision costs that remembers nothing."""
    revision = row.revision.without_memo()
    return _measure(Row(row.name, revision, row.asked[:200]), _decide)


def _shown(one: Spread) -> str:
    return f"{one.median:.1f} ({one.least:.1f}–{one.greatest:.1f})"


if __name__ == "__main__":
    sys.exit(main())
