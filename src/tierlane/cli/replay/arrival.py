"""The contacts of a report: those of a record, or of a workload."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tierlane.cli.replay.progress import counted
from tierlane.cli.replay.scene import WORKLOADS
from tierlane.cli.replay.source import open_sources
from tierlane.errors import UsageError
from tierlane.replay.report.playing import Row
from tierlane.replay.simulation.coming import Coming, Demand
from tierlane.replay.simulation.recorded import Recorded, gathered
from tierlane.replay.simulation.workload_file import read_workload
from tierlane.replay.source.source import Source
from tierlane.stream.policy_file import read_policy_file
from tierlane.value import format_time


@dataclass
class Arrivals:
    """Contacts, read when they are first asked for; each raises SourceError or UsageError."""

    sources: Sequence[str]
    resample: bool
    kafka: Mapping[str, Any]
    """What names a cluster and a range of its topics."""

    @property
    def made_up(self) -> bool:
        """Whether contacts come of a workload."""
        return any(one.endswith(WORKLOADS) for one in self.sources)

    def open(self) -> Source:
        """Return the record, to be read once."""
        return open_sources(self.sources, **self.kafka)

    @cached_property
    def comings(self) -> tuple[Coming, ...]:
        """The contacts that were recorded; none of a workload."""
        if self.made_up:
            return ()
        with counted("records read", None) as told:
            return gathered(self.open(), told)

    def demand(self, zone: str) -> Demand:
        """Return what is simulated; days are told by the clock of a zone."""
        if self.made_up:
            if len(self.sources) > 1 or self.resample:
                hint = "name one file, without --resample"
                raise UsageError("a workload stands alone", hint=hint)
            name = self.sources[0]
            return read_workload(read_policy_file(Path(name)), name)
        return Recorded(self.comings, zone, self.resample)

    def told(self, zone: str) -> Row:
        """Return where they come from, how many they are, and from when to when."""
        if self.made_up:
            demand = self.demand("UTC")
            ends, contacts = (demand.begin, demand.end), 0
        else:
            ends = (self.comings[0].arrived, self.comings[-1].arrived)
            contacts = len(self.comings)
        return {
            "name": " ".join(self.sources), "made_up": self.made_up, "contacts": contacts,
            "from": format_time(ends[0]), "to": format_time(ends[1]), "time_zone": zone,
            "begins": _local(ends[0], zone), "ends": _local(ends[1], zone),
            "profiles": sum(one.profile is not None for one in self.comings),
        }  # fmt: skip


def _local(ms: int, zone: str) -> str:
    """Return a moment as clocks show it there, to the minute."""
    return f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)):%Y-%m-%d %H:%M}"
