"""Check what a storm left behind: a script that knows the contracts of the topics and no more.

    python -m storm.check --brokers HOST:PORT --prefix P [--against Q] [--at-least-once]

Reads the inputs and outputs of prefix P under `read_committed` and judges them by `law`; with
`--against`, every output must also be the same bytes, on the same partition and with the same id,
as that of prefix Q: the same input records decided by a worker that nobody disturbed. Set aside
in that comparison are the outputs' offsets, the times at which the log took them, and the times at
which a revision became active; everything else about a decision is compared.
Under at-least-once a record may come again with an id that is known, and the same bytes.

Exit codes: 0 all laws hold, 1 one is broken, 2 the topics cannot be read.
"""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Iterable

from storm import law
from storm.reading import differing
from tests.broker.log import Log

OUTPUTS = (*law.LANES, law.AUDIT, law.REJECTED)


async def read(
    log: Log, *, repeats: bool = False, keep: frozenset[str] = frozenset()
) -> law.Ledger:
    """Return the ledger of everything that lies on the prefix's topics now."""
    topics = [law.INPUT, law.RETURNS, *OUTPUTS]
    ends = await log.ends(topics)
    ledger = law.Ledger(Counter(topic for topic, _ in ends), repeats=repeats, keep=keep)
    async for record in log.read(topics):
        ledger.take(record)
    return ledger


async def check(log: Log, against: Log | None = None, *, repeats: bool = False) -> law.Ledger:
    """Judge one prefix, and compare it with another; return its ledger, faults and all."""
    ledger = await read(log, repeats=repeats)
    ledger.audited()
    if against is not None:
        undisturbed = await read(against)
        for fault, number in undisturbed.audited().counts.items():
            ledger.faults.counts[f"undisturbed run: {fault}"] = number
        if undisturbed.inputs != ledger.inputs:
            ledger.faults.add("the undisturbed run read other records", against.prefix)
        different = law.differences(ledger.digests, undisturbed.digests)
        for identity in different:
            ledger.faults.add("differs from the undisturbed run", identity)
        if different:
            shown = frozenset(sorted(different)[: law.SHOWN])
            ledger.faults.examples["differs from the undisturbed run"] = await _told(
                log, against, shown
            )
    return ledger


async def _told(log: Log, against: Log, shown: frozenset[str]) -> list[str]:
    """Read both once more, and name what differs in some records."""
    one, other = [(await read(each, repeats=True, keep=shown)).kept for each in (log, against)]
    return [
        f"{identity}: {', '.join(differing(one.get(identity), other.get(identity)))}"
        for identity in sorted(shown)
    ]


def table(ledger: law.Ledger) -> dict[str, object]:
    """Return what was read and which laws are broken, for people and for JSON."""
    return {
        "inputs": len(ledger.inputs),
        "arrivals": len(ledger.arrivals),
        "handed over": sum(place.topic == law.RETURNS for place in ledger.inputs),
        "duplicates": len(ledger.duplicates),
        "audit records": len(ledger.audits),
        "lane entries": len(ledger.entries),
        "entries left": len(ledger.left),
        "rejected": len(ledger.rejected),
        "repeats with a known id": ledger.repeated,
        "faults": dict(ledger.faults.counts),
        "examples": dict(ledger.faults.examples),
    }


def main(arguments: Iterable[str] | None = None) -> int:
    """Run the check and print its table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--prefix", default="")
    parser.add_argument("--against", help="the prefix of the undisturbed run")
    parser.add_argument("--at-least-once", action="store_true")
    options = parser.parse_args(None if arguments is None else list(arguments))
    against = None if options.against is None else Log(options.brokers, options.against)
    log = Log(options.brokers, options.prefix)
    try:
        ledger = asyncio.run(check(log, against, repeats=options.at_least_once))
    except (LookupError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(table(ledger), indent=2))
    return 1 if ledger.faults.counts else 0


if __name__ == "__main__":
    sys.exit(main())
