"""Puts a report together: reads policies, staff and contacts, plays them, and gathers the data."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tierlane.cli.replay.progress import counted
from tierlane.cli.replay.saved import findings_of
from tierlane.cli.replay.scene import WORKLOADS, fitted_by, time_of
from tierlane.cli.replay.source import open_sources
from tierlane.errors import UsageError
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.change import changes
from tierlane.policy.reading.overlay import gather
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.source import entry, read
from tierlane.policy.reading.whole import whole
from tierlane.replay.diff import diff
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.report.assuming import behaving
from tierlane.replay.report.figure import Asked, as_json
from tierlane.replay.report.playing import Played, Row, play
from tierlane.replay.report.presence import SeenStaffing, seen_staffing
from tierlane.replay.report.supposition import PIECE, What, flow_of, what_if
from tierlane.replay.simulation.coming import Coming, Demand
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.recorded import Recorded, gathered
from tierlane.replay.simulation.scene import Scene, Text
from tierlane.replay.simulation.staffing import Staffing
from tierlane.replay.simulation.staffing_file import read_staffing
from tierlane.replay.simulation.workload_file import read_workload
from tierlane.stream.policy_file import find_file, read_policy_file
from tierlane.value import format_time


@dataclass
class Asking:
    """One report, as it was asked for on the command line."""

    sources: Sequence[str]
    results: Sequence[Path]
    policy: Path
    against: Path | None
    supposed: Sequence[str]
    staffing: Path | None
    staffing_against: Path | None
    fit: Path | None
    within: str | None
    replications: int
    seed: int
    cores: int | None
    resample: bool
    brokers: str | None = None
    prefix: str | None = None
    config: Path | None = None
    since: str | None = None
    until: str | None = None
    offsets: Sequence[str] = field(default=())

    def report(self) -> dict[str, Any]:
        """Read, play, and return the whole; raises PolicyError, UsageError or SourceError."""
        counting = self._counting()
        comparison = self._compared()
        played, assumed = self._played(counting)
        asked = Asked(
            a=_named(self.a, self.policy), b=_named(self.b, self.against or self.policy),
            source=self._source(), what=self.what, changes=self._changes(), lanes=self._lanes(),
            tiers=self._tiers(), assumed=assumed,
            sections=[one for path in self.results for one in findings_of(path)],
        )  # fmt: skip
        return as_json(asked, counting, played, comparison)

    # ------------------------------------------------------------------ policies

    @cached_property
    def text_a(self) -> Text:
        """Policy A as written, merged with what it extends."""
        return _whole(read_policy_file(self.policy), str(self.policy))

    @cached_property
    def what(self) -> What | None:
        """What is supposed; None where B is a file of its own."""
        if not self.supposed:
            return None
        read_from = self.text_a
        document = read_document(read_from.text, read_from.source, Report())
        return what_if(self.supposed, document, self.policy.name)

    @cached_property
    def text_b(self) -> Text:
        """Policy B, merged; A itself where only the staff differs."""
        if self.what is not None:
            return _whole(self.what.overlay.encode(), str(self.policy.parent / PIECE))
        if self.against is not None:
            return _whole(read_policy_file(self.against), str(self.against))
        if self.staffing_against is None:
            hint = '`--against FILE`, or `--what-if "gold waits at most 60s"`'
            raise UsageError("a report needs to be told what B is", hint=hint)
        return self.text_a

    @cached_property
    def a(self) -> Revision:
        """Policy A, compiled."""
        return self.text_a.compiled()

    @cached_property
    def b(self) -> Revision:
        """Policy B, compiled."""
        return self.text_b.compiled()

    def _changes(self) -> list[Row]:
        nodes = [gather(one.text, one.source, Report()) for one in (self.text_a, self.text_b)]
        return [
            {"address": one.address, "before": flow_of(one.before), "after": flow_of(one.after)}
            for one in changes(*nodes)
        ]

    def _lanes(self) -> list[Row]:
        found = {one.name: one for revision in (self.b, self.a) for one in revision.lanes}
        return [{"lane": one.name, "kind": one.kind, "desk": one.desk} for one in found.values()]

    def _tiers(self) -> list[str]:
        """Return the tiers of both, the highest first."""
        return list(dict.fromkeys((*reversed(self.a.tiers.names), *reversed(self.b.tiers.names))))

    def _counting(self) -> Counting:
        within = time_of(self.within, "--within")
        if within is None and self.what is not None:
            within = self.what.time
        return Counting(within=within)

    # ------------------------------------------------------------------ contacts

    @property
    def made_up(self) -> bool:
        """Whether contacts come of a workload."""
        return any(one.endswith(WORKLOADS) for one in self.sources)

    @cached_property
    def comings(self) -> tuple[Coming, ...]:
        """The contacts that were recorded; none of a workload."""
        return () if self.made_up else gathered(open_sources(self.sources, **self._kafka()))

    def _demand(self, zone: str) -> Demand:
        if self.made_up:
            if len(self.sources) > 1 or self.resample:
                hint = "name one file, without --resample"
                raise UsageError("a workload stands alone", hint=hint)
            name = self.sources[0]
            return read_workload(read_policy_file(Path(name)), name)
        return Recorded(self.comings, zone, self.resample)

    def _kafka(self) -> dict[str, Any]:
        names = ("brokers", "prefix", "config", "since", "until", "offsets")
        return {name: getattr(self, name) for name in names}

    def _source(self) -> Row:
        if self.made_up:
            demand = self._demand("UTC")
            ends, contacts = (demand.begin, demand.end), 0
        else:
            ends = (self.comings[0].arrived, self.comings[-1].arrived)
            contacts = len(self.comings)
        return {
            "name": " ".join(self.sources), "made_up": self.made_up, "contacts": contacts,
            "from": format_time(ends[0]), "to": format_time(ends[1]), "time_zone": self.zone,
            "begins": _local(ends[0], self.zone), "ends": _local(ends[1], self.zone),
            "profiles": sum(one.profile is not None for one in self.comings),
        }  # fmt: skip

    # ------------------------------------------------------------------ finding

    def _cores(self) -> int:
        return self.cores or os.cpu_count() or 1

    def _compared(self) -> Comparison | None:
        """Ask both policies about every arrival; of a workload there are none to ask about."""
        a, b = (diff.Text(one.text, one.source, one.find) for one in (self.text_a, self.text_b))
        _ = self.a, self.b  # what is wrong with one is said before anything is read
        if self.made_up:
            return None
        source = open_sources(self.sources, **self._kafka())
        cores = self._cores() if len(self.comings) > 20_000 else 1  # a process takes a second
        with counted("asking both policies", None) as told:
            return diff.diff(source, a, b, cores=cores, told=told)

    def _played(self, counting: Counting) -> tuple[Played | None, Mapping[str, Any]]:
        found = self._staffed()
        if found is None:
            return None, {}
        staff, assumed = found
        other = staff if self.staffing_against is None else self._staff(self.staffing_against)[0]
        demand = self._demand(staff.zone)
        scenes = (
            Scene(self.text_a, staff, demand, counting),
            Scene(self.text_b, other, demand, counting),
        )
        for scene, revision in zip(scenes, (self.a, self.b), strict=True):
            scene.staffing.roster(revision, demand.begin, demand.begin + 1)
        names = list(dict.fromkeys((staff.name, other.name)))
        how = "file" if self.staffing is not None else "seen"
        told = {**assumed, "staffing": {"how": how, "names": names}, "notes": self._notes(staff)}
        with counted("simulating", self.replications) as heard:
            return play(scenes, self.seed, self.replications, self._cores(), heard), told

    def _staffed(self) -> tuple[Staffing, Mapping[str, Any]] | None:
        """Return the staff that is named, else the one that is seen; None where nobody is."""
        if self.staffing is not None:
            return self._staff(self.staffing)
        if self.made_up:
            return None
        seen = seen_staffing(open_sources(self.sources, **self._kafka()), self.zone)
        return None if seen is None else self._behaving(seen, ())

    def _notes(self, staff: Staffing) -> list[Row]:
        """Return what is to be minded of the staff, by the names of the page's sentences."""
        notes = []
        unmanaged = [one.desk for one in self.a.lines if not one.managed]
        if unmanaged:
            notes.append({"note": "unmanaged", "names": unmanaged})
        if isinstance(staff, SeenStaffing):
            notes.append({"note": "seen staff", "names": []})
            nobody = [one.desk for one in self.a.lines if one.desk not in staff.desks()]
            if nobody:
                notes.append({"note": "nobody", "names": nobody})
        return notes

    @property
    def zone(self) -> str:
        """The time zone of the policy, by which the day of a seen staff is told."""
        return read_document(self.text_a.text, self.text_a.source, Report()).time_zone

    def _staff(self, path: Path) -> tuple[Staffing, dict[str, Any]]:
        text = read_policy_file(path)
        staffing = read_staffing(text, str(path))
        node = read(text, str(path))
        stated = [what for what in ("service", "patience") if entry(node, what) is not None]
        return self._behaving(staffing, stated)

    def _behaving(
        self, staffing: Staffing, stated: Sequence[str]
    ) -> tuple[Staffing, dict[str, Any]]:
        """Return a staff with the behaviour that is stated, handed in, or fitted."""
        if self.fit is not None:
            given: dict[str, Any] = {
                what: {"how": "given", "rows": []} for what in ("service", "patience")
            }
            return replace(staffing, behaviour=fitted_by(self.fit, staffing.behaviour)), given
        return behaving(staffing, stated, self.comings)


def _local(ms: int, zone: str) -> str:
    """Return a moment as clocks show it there, to the minute."""
    return f"{datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)):%Y-%m-%d %H:%M}"


def _whole(text: bytes, source: str) -> Text:
    """Return a policy that needs no other file; raises PolicyError where it cannot be used."""
    compile_policy(text, source, find_file)  # so that places are those of the files
    return Text(whole(text, source, find_file), source)


def _named(revision: Revision, path: Path) -> Row:
    return {"policy": revision.name, "revision": revision.hash, "source": str(path)}
