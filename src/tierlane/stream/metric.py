"""What a worker counts and measures, for Prometheus."""

import time
from collections.abc import Mapping, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from tierlane.ports import Record

SAMPLE: Final = 16
"""Records of a batch whose latency is taken; a batch at rest has fewer."""

LATENCY: Final = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 120)
"""Bounds in seconds, closest around the default batch interval."""


class Metrics:
    """The measures of one worker, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.lag = Gauge(
            "tierlane_lag_records",
            "Offsets behind the log's end",
            ["owner", "topic"],
            registry=registry,
        )
        self.decided = Counter(
            "tierlane_decisions", "Decisions by lane kind", ["kind"], registry=registry
        )
        self.rejected = Counter(
            "tierlane_rejected", "Records put aside, by reason", ["reason"], registry=registry
        )
        self.happened = Counter(
            "tierlane_happenings", "What else owners did", ["what", "label"], registry=registry
        )
        self.latency = Histogram(
            "tierlane_event_to_commit_seconds",
            "From the log's time of an event to its commit",
            buckets=LATENCY,
            registry=registry,
        )
        self.writing = Histogram(
            "tierlane_transaction_seconds",
            "From the first request of a batch to its commit",
            buckets=LATENCY,
            registry=registry,
        )
        self.transactions = Counter("tierlane_transactions", "Batches written", registry=registry)
        self.records = Counter(
            "tierlane_input_records", "Records read", ["topic"], registry=registry
        )
        self.outputs = Counter("tierlane_output_records", "Records written", registry=registry)
        self.aborted = Counter(
            "tierlane_aborted", "Batches undone, by cause", ["cause"], registry=registry
        )
        self.retried = Counter(
            "tierlane_retried",
            "Requests of transactions sent again, by cause",
            ["cause"],
            registry=registry,
        )
        self.misplaced = Counter(
            "tierlane_misplaced",
            "Keys on another partition than murmur2 gives",
            ["topic"],
            registry=registry,
        )
        self.fenced = Counter(
            "tierlane_fenced", "Owners that lost their transactional id", registry=registry
        )
        self.restored = Counter(
            "tierlane_restored", "Owners whose state was read back", registry=registry
        )
        self.holes = Counter(
            "tierlane_holes",
            "Batches lost on the way to an owner and fetched again",
            registry=registry,
        )
        self.still = Gauge(
            "tierlane_longest_standstill_seconds",
            "Longest time in which an owner had work and finished none",
            registry=registry,
        )
        self.owners = Gauge("tierlane_owners", "Partitions held and served", registry=registry)
        self.policy = Gauge(
            "tierlane_policy",
            "1 for the revisions in use: live, and shadow where there is one",
            ["policy", "revision", "role"],
            registry=registry,
        )
        self.refused = Gauge(
            "tierlane_policy_refused",
            "1 while what is published cannot be used and the last good revision is kept",
            ["role"],
            registry=registry,
        )
        self._longest = 0.0

    def count(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Add what a machine reports of a batch that is committed."""
        for (name, label), number in counts.items():
            if name == "decided":
                self.decided.labels(label).inc(number)
            elif name == "rejected":
                self.rejected.labels(label).inc(number)
            else:
                self.happened.labels(name, label).inc(number)

    def committed(self, records: Sequence[Record]) -> None:
        """Take the latency of a batch, from some of its records."""
        now = time.time()
        for record in records[:: -(-len(records) // SAMPLE)]:
            self.latency.observe(max(0.0, now - record.timestamp / 1000))

    def stood_still(self, seconds: float) -> None:
        """Note how long an owner had records waiting and finished none."""
        if seconds > self._longest:
            self._longest = seconds
            self.still.set(seconds)

    def page(self) -> bytes:
        """Return everything in Prometheus's text format."""
        text: bytes = generate_latest(self.registry)
        return text
