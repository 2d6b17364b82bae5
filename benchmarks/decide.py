"""`python -m benchmarks.decide`: what one decision costs, without Kafka and without Intake.

Rows of policies (the packs, the shop of the tests) and of tables from ten to ten thousand rows,
all in one process, in turn, so that their ratios stand whatever else the machine does. Exits 1
when ten thousand rows cost more than three times ten.
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
from tierlane.audit.mask import Mask
from tierlane.audit.record import decided
from tierlane.policy.compile import compile_policy
from tierlane.policy.revision import Revision
from tierlane.sample import Sample

ROUNDS = 7
CONTACTS = 4_000
SIZES = (10, 100, 1_000, 10_000)
MOST_RATIO = 3
"""What ten thousand rows may cost against ten."""
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


def main() -> int:
    """Measure, print a table, write JSON."""
    rows = [*_packs(), *(_table(size) for size in SIZES)]
    decide: dict[str, list[float]] = {row.name: [] for row in rows}
    both: dict[str, list[float]] = {row.name: [] for row in rows}
    for _ in range(ROUNDS):
        for row in rows:
            decide[row.name].append(_measure(row, _decide))
            both[row.name].append(_measure(row, _encode))
    ratio = min(both[f"table of {SIZES[-1]}"]) / min(both[f"table of {SIZES[0]}"])
    goal = Goal("10,000 rows against 10, decide and encode", ratio, MOST_RATIO, at_most=True)
    print(f"{'policy':<20} {'decide µs':>22} {'decide + encode µs':>22} {'fresh µs':>9}")
    told = {}
    for row in rows:
        one, two = Spread.of(decide[row.name]), Spread.of(both[row.name])
        fresh = _fresh(row)
        told[row.name] = {"decide": one.json(), "both": two.json(), "fresh": round(fresh, 1)}
        print(f"{row.name:<20} {_shown(one):>22} {_shown(two):>22} {fresh:>9.0f}")
    print(f"{goal.name}: {goal.got:.2f} (at most {MOST_RATIO})")
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps({"policies": told, "goal": goal.json()}, indent=2) + "\n")
    return 0 if goal.met else 1


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
    rows = "".join(f"      - [item-{n}, {('low', 'mid', 'top')[n % 3]}]\n" for n in range(size))
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
    return Row(f"table of {size}", compile_policy(text, "table.yaml"), asked)


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
