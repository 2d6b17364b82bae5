"""Document → the chapters of its page: tables in plain words, in the order of evaluation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from tierlane.calendar import Calendar, Spans
from tierlane.decision import Priority, Promise
from tierlane.lane import Lane
from tierlane.page.example import examples
from tierlane.page.flow import Flow, flows
from tierlane.page.saying import named, saying
from tierlane.page.wording import WORDS, duration, value
from tierlane.policy.form.document import (
    Budget,
    Count,
    Document,
    Floor,
    Ladder,
    LastResort,
    Mark,
    Plan,
    Rule,
    Rules,
    Service,
    Shares,
    Step,
    Table,
    ValueSet,
    Written,
    word,
)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: its title, its columns' titles, and rows of cells; values stand in backticks."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A part of the page."""

    key: str
    title: str
    intro: str
    grids: tuple[Grid, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A policy laid out to be read."""

    language: str
    policy: str
    revision: str
    date: str
    """The line that says as of when the page is; handed in."""
    flows: tuple[Flow, ...]
    chapters: tuple[Chapter, ...]
    document: Document


def outline(document: Document, revision: str, date: str, language: str) -> Page:
    """Lay a document out in a language of `wording.LANGUAGES`."""
    chapters = _Outline(document, language).chapters()
    found = tuple(one for one in chapters if one.grids or one.notes)
    return Page(language, document.name, revision, date, flows(document), found, document)


class _Outline:
    def __init__(self, document: Document, language: str) -> None:
        self.document, self.language, self.words = document, language, WORDS[language]

    def chapters(self) -> Iterable[Chapter]:
        """Yield every chapter, empty ones too."""
        document, words = self.document, self.words
        yield self._ruled("counts", document.memory.counts, self._count)
        yield self._same_contact()
        yield self._tiers()
        yield self._chapter("facts", "facts intro", tuple(map(self._set, document.facts)))
        yield self._scenarios()
        yield self._ruled("promises", document.promises[1], self._promise, document.promises[0])
        yield self._ruled("floors", document.floors, self._floor)
        yield self._ruled("compliance", document.compliance, self._mark)
        yield self._ruled("serving", document.serving, self._service)
        priority, priorities = document.priorities
        yield self._ruled("priorities", priorities, self._priority, priority)
        yield self._plans()
        yield self._lanes()
        yield self._budgets()
        yield self._calendars()
        masked = words["join"].join(
            named(p, self.language) for p, how, _ in document.masking if how != "keep"
        )
        note = (words["masked intro"].format(names=masked),) if masked else ()
        yield Chapter("masked", words["masked"], "", (), note)
        columns = (words["example"], words["given"], words["expected"])
        rows = tuple(examples(document, self.language))
        yield self._chapter("cases", "cases intro", (Grid("", columns, rows),) if rows else ())

    # ------------------------------------------------------------------ chapters

    def _chapter(self, key: str, intro: str, grids: tuple[Grid, ...], *notes: str) -> Chapter:
        text = self.words.get(intro, "")
        return Chapter(key, self.words[key], text, tuple(g for g in grids if g.rows), notes)

    def _ruled(self, key: str, rules: tuple[Rule, ...], then: Any, default: Any = None) -> Chapter:
        """Lay out rules of one list; `default` stands last where there is one."""
        rows = [
            (value(one.name, self.language), self._when(one.when), then(one.then)) for one in rules
        ]
        if default is not None and (rows or default not in (Promise(), Priority())):
            rows.append((self.words["default"], "", then(default)))
        columns = tuple(self.words[one] for one in ("rule", "when", "then"))
        intro = f"{key} intro" if f"{key} intro" in self.words else "first intro"
        if key == "priorities":
            intro = "priorities intro"
        return self._chapter(key, intro, (Grid("", columns, tuple(rows)),))

    def _same_contact(self) -> Chapter:
        words, joins = self.words, self.document.memory.joins
        time = "" if joins is None else duration(joins, self.language)
        notes = (words["joins"].format(time=time),) if time else ()
        return Chapter("same contact", words["same contact"], "", (), notes)

    def _tiers(self) -> Chapter:
        tiers, words = self.document.tiers, self.words
        grids = tuple(self._set(one) for one in tiers.sets)
        notes = []
        if isinstance(tiers.keep, Written):
            notes.append(words["keep until"].format(field=named(tiers.keep.text, self.language)))
        elif tiers.keep is not None:
            notes.append(words["keep"].format(time=duration(tiers.keep, self.language)))
        for one in tiers.sets:
            if isinstance(one.body, Ladder) and one.body.margin:
                share = f"{100 - one.body.margin * 100:g} %"
                notes.append(
                    words["margin"].format(set=value(one.name, self.language), share=share)
                )
        order = " > ".join(value(one, self.language) for one in reversed(tiers.order))
        intro = words["tiers intro"].format(default=value(tiers.default, self.language))
        if len(tiers.order) == 1:
            return Chapter("tiers", words["tiers"], "")
        return Chapter(
            "tiers", words["tiers"], f"{order}{words['stop']}{intro}", grids, tuple(notes)
        )

    def _scenarios(self) -> Chapter:
        written, words = self.document.scenarios, self.words
        one = self._ruled("scenarios", written.rules, self._name, written.default)
        if not written.ignore_tier:
            return one
        names = words["join"].join(self._name(each.text) for each in written.ignore_tier)
        default = self._name(self.document.tiers.default)
        note = words["ignore"].format(default=default, names=names)
        return Chapter(one.key, one.title, words["first intro"], one.grids, (note,))

    def _plans(self) -> Chapter:
        words = self.words
        columns = ("", words["plan"], words["when"], words["step"])
        rows = []
        for number, plan in enumerate(self.document.plans, 1):
            rows.append(
                (str(number), self._name(plan.name), self._when(plan.when), self._steps(plan))
            )
        fallback = self._name(self.document.fallback.text)
        notes = (
            words["finally"].format(what=self._last(self.document.last)),
            words["where fallback"].format(lane=fallback),
        )
        return self._chapter("plans", "first intro", (Grid("", columns, tuple(rows)),), *notes)

    def _lanes(self) -> Chapter:
        words, grids = self.words, []
        columns = tuple(words[one] for one in ("lane", "kind", "channels", "abilities", "told"))
        for desk in self.document.desks:
            lanes = [lane for lane, _ in self.document.lanes if lane.desk == desk.name]
            rows = tuple(
                (
                    self._name(lane.name),
                    words[lane.kind],
                    self._join(lane.channels) or words["all channels"],
                    self._abilities(lane),
                    self._pairs(lane.serve),
                )
                for lane in lanes
            )
            how = words["managed" if desk.managed else "outside"]
            title = words["brackets"].format(
                what=f"{words['desk']} {self._name(desk.name)}", more=how
            )
            grids.append(Grid(title, columns, rows))
        return self._chapter("lanes", "", tuple(grids))

    def _abilities(self, lane: Lane) -> str:
        """Say what a lane can, and when it is full."""
        words, found = self.words, [self._join((*lane.can, *lane.scripts))]
        if lane.languages:
            found.append(words["speaks"].format(names=self._join(lane.languages)))
        if lane.identity:
            found.append(words["identity"].format(number=lane.identity))
        if lane.most_waiting is not None:
            found.append(words["full at"].format(number=lane.most_waiting))
        if lane.longest_wait is not None:
            time = duration(lane.longest_wait, self.language)
            found.append(words["full after"].format(time=time))
        for key, detour in (("full", lane.full), ("closed", lane.closed)):
            if detour.how != "next":
                found.append(words[f"{key} {detour.how}"].format(name=self._name(detour.plan)))
        return words["semicolon"].join(one for one in found if one)

    def _budgets(self) -> Chapter:
        columns = tuple(self.words[one] for one in ("rule", "when", "then"))
        rows = tuple(
            (self._name(one.name), self._when(one.when), self._budget(one))
            for one in self.document.budgets
        )
        return self._chapter("budgets", "budgets intro", (Grid("", columns, rows),))

    def _budget(self, one: Budget) -> str:
        words, within = self.words, one.within
        if isinstance(within, str):
            time = words[f"within {within}"]
        else:
            time = words["within"].format(time=duration(within, self.language))
        per = words[f"per {one.per}"]
        return words["budget"].format(most=one.most, within=time, per=per)

    def _count(self, one: Count) -> str:
        time = duration(one.within, self.language)
        fields = named(".".join(one.per), self.language)
        key = "count per" if one.per else "count"
        return self.words[key].format(time=time, fields=fields)

    def _calendars(self) -> Chapter:
        words = self.words
        columns = (words["name"], words["days"], words["hours"])
        rows = [row for one, _ in self.document.calendars for row in self._calendar(one)]
        return self._chapter("calendars", "", (Grid("", columns, tuple(rows)),))

    def _calendar(self, one: Calendar) -> Iterable[tuple[str, str, str]]:
        days = self.words["weekday"].split(",")
        name = self.words["brackets"].format(what=self._name(one.name), more=one.time_zone)
        begin = 0
        for number in range(1, 8):
            if number == 7 or one.weekly[number] != one.weekly[begin]:
                last = f" – {days[number - 1]}" if number - 1 > begin else ""
                yield name, f"{days[begin]}{last}", self._hours(one.weekly[begin])
                name, begin = "", number
        for *ends, spans in _alike(one.dates):
            yield "", " – ".join(dict.fromkeys(map(_date, ends))), self._hours(spans)

    def _hours(self, spans: tuple[tuple[int, int], ...]) -> str:
        shown = (f"{_clock(begin)}–{_clock(end)}" for begin, end in spans)
        return self.words["join"].join(shown) or self.words["closed"]

    # ------------------------------------------------------------------ bodies of sets

    def _set(self, one: ValueSet) -> Grid:
        body, words = one.body, self.words
        rows: list[tuple[str, ...]] = []
        columns: tuple[str, ...] = (words["when"], words["gives"])
        if isinstance(body, Rules):
            columns = (words["rule"], words["when"], words["gives"])
            rows = [(self._name(r.name), self._when(r.when), self._name(r.then)) for r in body.rows]
        elif isinstance(body, Ladder):
            field = named(body.field.text, self.language)
            least = "{} ≥ {:,}"
            rows = [
                (least.format(field, _whole(p)), self._name(v)) for p, v, _ in reversed(body.steps)
            ]
        elif isinstance(body, Table):
            columns = (*(named(c.text, self.language) for c in body.on), words["gives"])
            rows = [(*map(self._cell, r.cells), self._name(r.value)) for r in body.rows]
        elif isinstance(body, Shares):
            rows = [(words["share"].format(share=f"{s:g}"), self._name(v)) for v, s in body.parts]
        if one.default is not None and not isinstance(body, Shares):
            blanks = ("",) * (len(columns) - 2)
            rows.append((words["default"], *blanks, self._name(one.default)))
        return Grid(self._name(one.name.replace("_", " ")), columns, tuple(rows))

    def _cell(self, cell: object) -> str:
        return self.words["any"] if cell is None else self._name(cell)

    # ------------------------------------------------------------------ what then

    def _name(self, name: object) -> str:
        if isinstance(name, bool):
            return self.words["yes" if name else "no"]
        return value(word(name), self.language)

    def _join(self, names: Iterable[str]) -> str:
        return self.words["join"].join(map(self._name, names))

    def _when(self, when: Written | None) -> str:
        return saying(when, self.language) or self.words["always"]

    def _promise(self, one: Promise) -> str:
        found = []
        for key in ("answer", "start", "resolve"):
            for span in one.bounds(key):
                time = duration(span.ms, self.language)
                if span.calendar is not None:
                    time = self.words["working"].format(time=time)
                found.append(self.words[key].format(time=time))
        return self.words["semicolon"].join(found) or self.words["no promise"]

    def _floor(self, one: Floor) -> str:
        words = self.words
        found = [self._promise(one.promise)] if one.promise != Promise() else []
        if one.priority is not None:
            found.append(words["at least priority"].format(number=f"{one.priority:g}"))
        if one.never:
            kinds = words["join"].join(words[kind] for kind in one.never)
            found.append(words["never"].format(kinds=kinds))
        return words["semicolon"].join(found)

    def _mark(self, one: Mark) -> str:
        words, found = self.words, []
        if one.can:
            found.append(words["can"].format(names=self._join(one.can)))
        if one.scripts:
            found.append(words["one script"].format(names=self._join(one.scripts)))
        if one.identity:
            found.append(words["identity"].format(number=one.identity))
        if one.retain_years or one.retain_ms:
            years = words["years"].format(number=one.retain_years)
            time = years if one.retain_years else duration(one.retain_ms, self.language)
            found.append(words["retain"].format(time=time))
        return words["semicolon"].join(found)

    def _service(self, one: Service) -> str:
        carried = (
            self.words["carry"].format(name=named(field.text, self.language)) for field in one.carry
        )
        parts = (self._pairs(one.constants), *carried)
        return self.words["semicolon"].join(part for part in parts if part)

    def _pairs(self, pairs: Iterable[tuple[str, object]]) -> str:
        return self.words["semicolon"].join(
            f"{key}{self.words['colon']}{self._name(one)}" for key, one in pairs
        )

    def _priority(self, one: Priority) -> str:
        words, text = self.words, f"{one.start:g}"
        if one.by:
            every = duration(one.every, self.language)
            text = words["grows"].format(start=text, by=f"{one.by:g}", every=every)
        found = [text]
        if one.to is not None:
            found.append(words["up to"].format(to=f"{one.to:g}"))
        if one.credit:
            found.append(words["credit"].format(time=duration(one.credit, self.language)))
        return words["semicolon"].join(found)

    def _steps(self, plan: Plan) -> str:
        """Say the steps, one a line."""
        lane, lines = "", []
        for number, step in enumerate(plan.steps, 1):
            lane = step.lane.text if step.lane is not None else lane
            lines.append(f"{number}. {self._step(step, lane)}")
        if plan.last is not None:
            lines.append(self.words["finally"].format(what=self._last(plan.last)))
        return "\n".join(lines)

    def _step(self, step: Step, lane: str) -> str:
        words, language = self.words, self.language
        found = [self._name(lane)]
        if step.when is not None:
            found.append(words["step when"].format(what=saying(step.when, language)))
        for key, wants in (("who", step.who), ("prefer", step.prefer)):
            if wants:
                said = words["and"].join(saying(want, language) for want in wants)
                found.append(words[key].format(wants=said))
        if step.borrow:
            found.append(words["borrow"].format(names=self._join(one.text for one in step.borrow)))
        if step.priority is not None:
            found.append(words["sets priority"].format(priority=self._priority(step.priority)))
        if step.skip_if is not None:
            found.append(words["skip"].format(what=saying(step.skip_if, language)))
        if step.working is not None:
            time = words["working"].format(time=duration(step.working.ms, language))
            found.append(words["until"].format(time=time))
        for key, ms in (
            ("until", step.until), ("before answer", step.before_answer), ("for", step.lasts)
        ):  # fmt: skip
            if ms is not None:
                found.append(words[key].format(time=duration(ms, language)))
        return words["semicolon"].join(found)

    def _last(self, last: LastResort) -> str:
        words = self.words
        if last.plan is not None:
            what = words["go plan"].format(name=self._name(last.plan.text))
        else:
            what = words["close"].format(name=self._name(last.close))
        if last.until is None:
            return what
        return words["last"].format(time=duration(last.until, self.language), what=what)


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}" if minutes != 1440 else "24:00"


def _alike(dates: tuple[tuple[int, Spans], ...]) -> Iterator[tuple[int, int, Spans]]:
    """Yield the first and the last of days that follow each other and have the same hours."""
    days = groupby(enumerate(dates), lambda one: (one[1][0] - one[0], one[1][1]))
    for (_, spans), alike in days:
        found = [day for _, (day, _) in alike]
        yield found[0], found[-1], spans


def _date(day: int) -> str:
    return date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()
