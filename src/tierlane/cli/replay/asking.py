"""Puts a report together: reads policies, staff and contacts, plays them, and gathers the data."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from tierlane.cli.replay.arrival import Arrivals
from tierlane.cli.replay.progress import counted
from tierlane.cli.replay.question import Question
from tierlane.cli.replay.rate import rates_of
from tierlane.cli.replay.saved import findings_of, section_of
from tierlane.cli.replay.scene import fitted_by, time_of
from tierlane.policy.reading.source import entry, read
from tierlane.replay.diff import diff
from tierlane.replay.diff.comparison import Comparison
from tierlane.replay.feedback.feedback import as_dict, feedback
from tierlane.replay.feedback.holding import holds_outcomes
from tierlane.replay.report.assuming import behaving
from tierlane.replay.report.figure import Asked, as_json
from tierlane.replay.report.playing import Played, Row, play
from tierlane.replay.report.presence import SeenStaffing, seen_staffing
from tierlane.replay.simulation.measure import Counting
from tierlane.replay.simulation.scene import Scene
from tierlane.replay.simulation.staffing import Staffing
from tierlane.replay.simulation.staffing_file import read_staffing
from tierlane.stream.policy_file import read_policy_file


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
    rates: Sequence[str]
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
        question = self.question
        a, b = question.named
        asked = Asked(
            a=a, b=b, source=self.arrivals.told(question.zone), what=question.what,
            changes=question.changes(), lanes=question.lanes(), tiers=question.tiers(),
            assumed=assumed, sections=self._sections(),
        )  # fmt: skip
        return as_json(asked, counting, played, comparison)

    def _sections(self) -> list[dict[str, Any]]:
        """Return what is handed in, and feedback where the record tells how contacts ended."""
        found = [one for path in self.results for one in findings_of(path)]
        handed_in = any(one["kind"] == "feedback" for one in found)
        if handed_in or self.arrivals.made_up or not holds_outcomes(self.arrivals.open()):
            return found
        with counted("joining outcomes", None) as told:
            heard = feedback(self.arrivals.open(), self.question.subject(), told=told)
        return [*found, section_of(as_dict(heard), "feedback")]

    @cached_property
    def question(self) -> Question:
        """Both policies."""
        staff_differs = self.staffing_against is not None
        return Question(self.policy, self.against, self.supposed, staff_differs)

    @cached_property
    def arrivals(self) -> Arrivals:
        """The contacts."""
        names = ("brokers", "prefix", "config", "since", "until", "offsets")
        kafka = {name: getattr(self, name) for name in names}
        return Arrivals(self.sources, self.resample, kafka)

    def _counting(self) -> Counting:
        within, what = time_of(self.within, "--within"), self.question.what
        if within is None and what is not None:
            within = what.time
        return Counting(within=within)

    def _cores(self) -> int:
        return self.cores or os.cpu_count() or 1

    def _compared(self) -> Comparison | None:
        """Ask both policies about every arrival; of a workload there are none to ask about."""
        question, arrivals = self.question, self.arrivals
        a, b = (
            diff.Text(one.text, one.source, one.find) for one in (question.text_a, question.text_b)
        )
        _ = question.a, question.b  # what is wrong with one is said before anything is read
        if arrivals.made_up:
            return None
        cores = self._cores() if len(arrivals.comings) > 20_000 else 1  # a process takes a second
        with counted("asking both policies", None) as told:
            return diff.diff(arrivals.open(), a, b, cores=cores, told=told)

    def _played(self, counting: Counting) -> tuple[Played | None, Mapping[str, Any]]:
        found = self._staffed()
        if found is None:
            return None, {}
        staff, assumed = found
        other = staff if self.staffing_against is None else self._staff(self.staffing_against)[0]
        question, demand = self.question, self.arrivals.demand(staff.zone)
        scenes = (
            Scene(question.text_a, staff, demand, counting),
            Scene(question.text_b, other, demand, counting),
        )
        for scene, revision in zip(scenes, (question.a, question.b), strict=True):
            scene.staffing.roster(revision, demand.begin, demand.begin + 1)
        names = list(dict.fromkeys((staff.name, other.name)))
        how = "file" if self.staffing is not None else "seen"
        told = {**assumed, "staffing": {"how": how, "names": names}, "notes": self._notes(staff)}
        rates = rates_of(self.rates, {name for one in (staff, other) for name in _groups(one)})
        told["rates"] = None if rates is None else rates.json()
        with counted("simulating", self.replications) as heard:
            return play(
                scenes, self.seed, self.replications, self._cores(), heard, rates=rates
            ), told

    # ------------------------------------------------------------------ staff

    def _staffed(self) -> tuple[Staffing, Mapping[str, Any]] | None:
        """Return the staff that is named, else the one that is seen; None where nobody is."""
        if self.staffing is not None:
            return self._staff(self.staffing)
        if self.arrivals.made_up:
            return None
        seen = seen_staffing(self.arrivals.open(), self.question.zone)
        return None if seen is None else self._behaving(seen, ())

    def _notes(self, staff: Staffing) -> list[Row]:
        """Return what is to be minded of the staff, by the names of the page's sentences."""
        notes, lines = [], self.question.a.lines
        unmanaged = [one.desk for one in lines if not one.managed]
        if unmanaged:
            notes.append({"note": "unmanaged", "names": unmanaged})
        if isinstance(staff, SeenStaffing):
            notes.append({"note": "seen staff", "names": []})
            nobody = [one.desk for one in lines if one.desk not in staff.desks()]
            if nobody:
                notes.append({"note": "nobody", "names": nobody})
        return notes

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
        return behaving(staffing, stated, self.arrivals.comings)


def _groups(staff: Staffing) -> Iterable[str]:
    """Return the groups of a staff; of one that is seen they are its desks."""
    if isinstance(staff, SeenStaffing):
        return staff.desks()
    return (one.name for one in staff.groups)
