"""What a run found, as a page of the documentation and as tables for the terminal."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]

HERE = Path(__file__).parent
LATEST = HERE / "results" / "latest.json"
PAGE = HERE.parent / "docs" / "reference" / "benchmarks.md"

INTRODUCTION = """\
# Benchmarks

Made by `make bench` from `benchmarks/results/{file}`; do not edit by hand. All figures of a table
are of one run on one machine: contestants in turn, every other round backwards, each in a process
of its own with fresh topics. Given are the median and, in brackets, the least and the greatest of
the rounds. Compare ratios, not rates: another machine has other rates. What the figures mean, and
how they are made, is told in [performance](../concepts/performance.md).
"""


TITLES = {
    "transport": "Transport",
    "full": "Full",
    "decide": "One decision",
    "desk": "A desk",
    "restart": "Restart of a desk",
    "latency": "Latency",
    "growth": "Growth",
    "simulate": "Simulation",
    "replay": "Replay",
}
"""The heading of each row's table."""


def page() -> str:
    """Return the page as it is to be for the latest whole run."""
    return markdown(json.loads(LATEST.read_text()), LATEST.name)


def markdown(result: Result, file: str) -> str:
    """Return the page for a result."""
    renewed = "".join(f"; {TITLES[name]}: {day}" for name, day in result.get("renewed", {}).items())
    parts = [INTRODUCTION.format(file=file), _machine(result["machine"], result["taken"] + renewed)]
    if result["size"] != "full":
        parts.insert(1, "**A smoke test: these figures mean little.**\n")
    parts += [writer(result[name]) for name, writer in WRITERS if name in result]
    return "\n".join(parts)


def _machine(machine: Result, taken: str) -> str:
    packages = ", ".join(f"{name} {version}" for name, version in machine["packages"].items())
    rows = [
        ("Taken", taken),
        ("Processor", f"{machine['cores']} cores of {machine['processor']}"),
        ("Memory", f"{machine['memory_gib']} GiB"),
        ("System", f"{machine['system']}, Python {machine['python']}"),
        ("Broker", machine["broker"]),
        ("Packages", packages),
    ]
    return _table(("The machine", ""), rows)


def _transport(row: Result) -> str:
    size = f"{row['bytes_in']} bytes in and {row['bytes_out']} out"
    text = f"""\
## Transport

What carrying records costs: the outputs of every contact (a lane entry and an audit record) were
worked out beforehand, so that all write the same bytes under the same keys. After each run the
output topics were read back and hashed, partition by partition; a contestant whose outputs differ
from those due has no rate. Measured inside each process, from the first record in hand to the last
output acknowledged. A contact is {size};
{row["partitions"]} partitions, {row["rounds"]} rounds. Slow contestants carried fewer contacts.
Only tierlane keeps state and commits it with the outputs; it alone compresses audit records (zstd).
"""
    rows = [
        (one["label"], f"{one['contacts']:,}", _spread(one["rate"]), _spread(one["cpu_us"]))
        for one in row["rows"]
    ]
    head = ("contestant", "contacts", "contacts/s", "processor µs a contact")
    return "\n".join((text, _table(head, rows), _goals(row["goals"])))


def _full(row: Result) -> str:
    text = f"""\
## Full

The whole job: every contestant has the same compiled policy decide each contact, and writes the
lane entry and the complete audit record. tierlane is `tierlane worker --policy FILE`. The peers
call its state machine from their own loops and write no changelog; they are timed as above,
tierlane from outside, from letting it see the contacts to the last commit that the group shows.
Each contact must have one entry and one decision, equal to those of a run without Kafka, before a
rate counts. {row["partitions"]} partitions, {row["rounds"]} rounds, {row["profiles"]:,} profiles
loaded first; arrivals only, at most 8 of a customer.
"""
    rows = [
        (
            one["label"],
            one["policy"],
            f"{one['contacts']:,}",
            _spread(one["rate"]),
            "–" if one["transport_us"] is None else f"{one['transport_us']:.1f}",
            f"{one['bytes']:,}",
        )
        for one in row["rows"]
    ]
    head = ("contestant", "policy", "contacts", "contacts/s", "transport µs", "bytes out a contact")
    stages = [
        (
            one["policy"],
            *(f"{one[name]:.1f}" for name in ("decode", "decide", "encode", "keep")),
            f"{one['audit_median']:,}",
            f"{one['entry_median']:,}",
        )
        for one in row["stages"]
    ]
    split = (
        "policy",
        "decode µs",
        "decide µs",
        "encode µs",
        "memory and order µs",
        "audit record, bytes",
        "lane entry, bytes",
    )
    derived = """\
*Transport* is derived: a contact's share of the run (1,000,000 µs by the median rate) less the sum
of its stages below. These are timed apart, in another process, so what is left can fall below
nothing; "–" stands where it does.
"""
    cold = """\
What a contact costs in the state machine, measured in one process without Kafka. All contestants
run that same machine, so decode, decide and encode are measured once and hold for each of them;
only transport is a contestant's own. *Decide* is cold: it begins with nothing remembered, so up to
a third of the contacts are the first of their like. The warm figure, what a decision costs once its
like was met, stands under [one decision](#one-decision).
"""
    rates, costs = _table(head, rows), _table(split, stages)
    return "\n".join((text, rates, derived, cold, costs, _goals(row["goals"])))


def _decide(row: Result) -> str:
    text = """\
## One decision

What one decision costs by itself, in one process, without Kafka and without Intake
(`python -m benchmarks.decide`): for contacts whose like was met before, and with nothing
remembered. The tables look a product up among so many rows. zen-engine has the same table, with the
hit policy *first* and its content compiled beforehand, and the same facts; for every contact its
answer was compared with tierlane's before either was timed. It returns the value of the row alone,
where tierlane decides tier, scenario, plan, lane and priority with their reasons.
"""
    rows = [
        (
            name,
            _spread(one["decide"]),
            _spread(one["both"]),
            f"{one['fresh']:,.0f}",
            _spread(one["zen"]) if "zen" in one else "–",
        )
        for name, one in row["policies"].items()
    ]
    head = (
        "policy",
        "decide µs",
        "decide and audit µs",
        "nothing remembered, decide µs",
        "zen-engine µs",
    )
    return "\n".join((text, _table(head, rows), _goals(row["goals"])))


def _desk(row: Result) -> str:
    text = f"""\
## A desk

What an event costs at a managed desk, in one process, without Kafka and without writing
(`python -m benchmarks desk`): {row["advisors"]:,} advisors with three to eight of {row["skills"]}
skills in five grades, in three duties; voice, chat and mail that take room of their own; plans of
three steps over two lanes; priorities that grow with age by what a customer is worth; of the offers
3 % expire and 5 % are declined, and contacts give up. Time is that of the processor inside the
desk. An event is what the desk is told; the timers that fire in between are timed with it,
not counted. The line keeps its length; in the last row half of the advisors have nothing to do.
"""
    kinds = ("Arrived", "Accepted", "Declined", "Finished", "Gone", "timer")
    rows = [
        (
            one["name"],
            f"{one['us']:.1f}",
            f"{one['rate']:,.0f}",
            *(f"{one['kinds'][kind]['us']:.1f}" if kind in one["kinds"] else "–" for kind in kinds),
        )
        for one in row["rows"]
    ]
    head = ("", "µs an event", "events/s", *(kind.lower() for kind in kinds))
    rushes = [
        (f"{one['events']:,} {one['name']}", f"{one['offers']:,}", f"{one['s']:.2f}")
        for one in row["rushes"]
    ]
    long = next(one for one in row["rows"] if one["name"].startswith("100,000"))
    rest = f"""\
All at one moment, with 100,000 waiting. To take a snapshot of these 100,000 and their advisors as
values takes {long["snapshot_s"]:.1f} s, to begin again from it {long["restore_s"]:.1f} s; that is
without reading bytes. A contact that waits takes {row["bytes"]:,} bytes of memory, its own
itinerary and timer included, what it shares with its like left out.
"""
    crowd = _table(("all at once", "offers made", "s"), rushes)
    return "\n".join((text, _table(head, rows), rest, crowd, _goals(row["goals"])))


def _restart(row: Result) -> str:
    text = f"""\
## Restart of a desk

How long a desk of the same policy is away when its worker is started anew (`python -m benchmarks
restart`), by the clock, on Kafka, exactly once: {row["advisors"]:,} advisors have
{row["offers"]:,} offers, and all others of {row["waiting"]:,} contacts wait. The worker itself had
built that state, {row["state_records"]:,} records of its changelog, transaction markers included,
before it was ended by SIGTERM. Counted from the start of the process, imports and joining the group
included. For the offer an advisor takes a contact once the worker is ready, finishes it, and is
offered another.
"""
    rows = [
        ("ready (`/readyz`)", f"{row['ready_s']:.1f} s"),
        ("the first new offer", f"{row['offer_s']:.1f} s"),
        ("memory of the worker then, intakes of all contacts included", f"{row['memory_mib']} MiB"),
    ]
    return "\n".join((text, _table(("from the start until", ""), rows), _goals(row["goals"])))


def _latency(row: Result) -> str:
    text = f"""\
## Latency

From sending a contact to reading its lane entry under `read_committed`, at {row["rate"]} contacts a
second for {row["seconds"]:g} s, {row["partitions"]} partitions, {row["rounds"]} rounds, policy
`{row["policy"]}`. The bare pass-through is a transactional aiokafka loop with the worker's interval
between two transactions of a partition (0.1 s); it decides nothing.
"""
    rows = [
        (one["name"], _spread(one["p50_ms"]), _spread(one["p99_ms"]), f"{one['greatest_ms']:,.0f}")
        for one in row["rows"]
    ]
    head = ("", "p50 ms", "p99 ms", "greatest ms")
    return "\n".join((text, _table(head, rows), _goals(row["goals"])))


def _growth(row: Result) -> str:
    text = """\
## Growth

Whether a contact costs more once much is known. Processor time of the worker (`tierlane worker`,
the sample's policy) for a contact; the ratio is to the first line of the same kind.
"""
    rows = [
        (
            one["kind"],
            f"{one['count']:,}",
            f"{one['cpu_us']:.1f}",
            f"{one['rate']:,.0f}",
            f"{one['memory_mib']:,.0f}",
            f"{one['ratio']:.2f}",
        )
        for one in row["rows"]
    ]
    head = ("what grows", "to", "processor µs a contact", "contacts/s", "memory MiB", "ratio")
    return "\n".join((text, _table(head, rows), _goals(row["goals"])))


def _simulate(row: Result) -> str:
    text = """\
## Simulation

The simulator beside [Ciw](https://ciw.readthedocs.io) on the same lines, in turn, in one process
(`python -m benchmarks.simulate`), by processor time; arrivals and ends count as events, two for
each contact, of which there are some 100,000. Both are timed from nothing to the last record: what
prepares a run (ours compiles a policy, Ciw makes a network) and what draws its numbers is in the
time. Ciw's records are a list of tuples, ours are columns; *counted* is ours with all measures and
intervals of [a simulation](../concepts/simulation.md) reckoned, which Ciw leaves to its caller.

Ciw moves customers between servers that are all alike. These lines are
[plain](../concepts/simulation.md#plain-lines): tests hold them equal to the real desk, and every
contact waits as long in Ciw. *Real desk* is what `--exact` plays, a twenty-fifth as long.
"""
    rows = [
        (
            name, *(_spread(one[kind]) for kind in ("ours", "counted", "exact", "ciw")),
            f"{one['ratio']['median']:.1f}",
        )
        for name, one in row["queues"].items()
    ]  # fmt: skip
    head = ("line", "events/s", "counted", "real desk", "Ciw", "ratio to Ciw")
    return "\n".join((text, _table(head, rows), _goals(row["goals"])))


def _replay(row: Result) -> str:
    text = f"""\
## Replay

Two policies asked about the contacts of a recording (`tierlane replay diff`, decisions only) beside
`tierlane worker` deciding the same contacts on Kafka by one of them, exactly once:
{row["contacts"]:,} contacts in Parquet, in turn, {row["rounds"]} rounds. Rates are by the clock;
the worker's from outside, as above, with its profiles loaded; that of `diff` with reading,
compiling and beginning its processes, and it decides each contact twice. Two processes are held
against one over {row["long"]:,} contacts. The last two lines are processor time in one process
without Kafka or files: Intake as the worker drives it, and the same contacts decoded, given their
profile and decided only.
"""
    rows = [(one["what"], f"{_spread(one)} {one['unit']}") for one in row["rows"]]
    return "\n".join((text, _table(("", ""), rows), _goals(row["goals"])))


def _goals(goals: Iterable[Result]) -> str:
    rows = [
        (goal["goal"], goal["limit"], f"{goal['got']:g}", "met" if goal["met"] else "**not met**")
        for goal in goals
    ]
    return _table(("goal", "limit", "this run", ""), rows)


def _spread(spread: Result) -> str:
    least, middle, greatest = spread["min"], spread["median"], spread["max"]
    places = ",.1f" if middle < 100 else ",.0f"
    return f"{middle:{places}} ({least:{places}}–{greatest:{places}})"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table, its columns padded so that it reads well in a terminal too."""
    whole = [tuple(head), *(tuple(row) for row in rows)]
    widths = [max(len(row[n]) for row in whole) for n in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in whole
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join((lines[0], rule, *lines[1:], ""))


WRITERS = (
    ("transport", _transport),
    ("full", _full),
    ("decide", _decide),
    ("desk", _desk),
    ("restart", _restart),
    ("latency", _latency),
    ("growth", _growth),
    ("simulate", _simulate),
    ("replay", _replay),
)
