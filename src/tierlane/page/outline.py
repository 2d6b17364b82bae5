"""Document → the chapters of its page: tables in plain words, in the order of evaluation."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from tierlane.calendar import Calendar, Spans
from tierlane.decision import Priority, Promise
from tierlane.page.example import examples
from tierlane.page.flow import Flow, flows
from tierlane.page.phrase import Phrases
from tierlane.page.saying import named
from tierlane.page.wording import WORDS, duration, value
from tierlane.policy.form.document import (
    Document,
    Ladder,
    Rule,
    Rules,
    Shares,
    Table,
    ValueSet,
    Written,
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
        self.say = Phrases(language)

    def chapters(self) -> Iterable[Chapter]:
        """Yield every chapter, empty ones too."""
        document, words = self.document, self.words
        yield self._ruled("counts", document.memory.counts, self.say.count)
        yield self._same_contact()
        yield self._tiers()
        yield self._chapter("facts", "facts intro", tuple(map(self._set, document.facts)))
        yield self._scenarios()
        yield self._ruled("promises", document.promises[1], self.say.promise, document.promises[0])
        yield self._ruled("floors", document.floors, self.say.floor)
        yield self._ruled("compliance", document.compliance, self.say.mark)
        yield self._ruled("serving", document.serving, self.say.service)
        priority, priorities = document.priorities
        yield self._ruled("priorities", priorities, self.say.priority, priority)
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
            (value(one.name, self.language), self.say.when(one.when), then(one.then))
            for one in rules
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
        one = self._ruled("scenarios", written.rules, self.say.name, written.default)
        if not written.ignore_tier:
            return one
        names = words["join"].join(self.say.name(each.text) for each in written.ignore_tier)
        default = self.say.name(self.document.tiers.default)
        note = words["ignore"].format(default=default, names=names)
        return Chapter(one.key, one.title, words["first intro"], one.grids, (note,))

    def _plans(self) -> Chapter:
        words = self.words
        columns = ("", words["plan"], words["when"], words["step"])
        rows = []
        for number, plan in enumerate(self.document.plans, 1):
            rows.append(
                (
                    str(number),
                    self.say.name(plan.name),
                    self.say.when(plan.when),
                    self.say.steps(plan),
                )
            )
        fallback = self.say.name(self.document.fallback.text)
        notes = (
            words["finally"].format(what=self.say.last(self.document.last)),
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
                    self.say.name(lane.name),
                    words[lane.kind],
                    self.say.join(lane.channels) or words["all channels"],
                    self.say.abilities(lane),
                    self.say.pairs(lane.serve),
                )
                for lane in lanes
            )
            how = words["managed" if desk.managed else "outside"]
            title = words["brackets"].format(
                what=f"{words['desk']} {self.say.name(desk.name)}", more=how
            )
            grids.append(Grid(title, columns, rows))
        return self._chapter("lanes", "", tuple(grids))

    def _budgets(self) -> Chapter:
        columns = tuple(self.words[one] for one in ("rule", "when", "then"))
        rows = tuple(
            (self.say.name(one.name), self.say.when(one.when), self.say.budget(one))
            for one in self.document.budgets
        )
        return self._chapter("budgets", "budgets intro", (Grid("", columns, rows),))

    def _calendars(self) -> Chapter:
        words = self.words
        columns = (words["name"], words["days"], words["hours"])
        rows = [row for one, _ in self.document.calendars for row in self._calendar(one)]
        return self._chapter("calendars", "", (Grid("", columns, tuple(rows)),))

    def _calendar(self, one: Calendar) -> Iterable[tuple[str, str, str]]:
        days = self.words["weekday"].split(",")
        name = self.words["brackets"].format(what=self.say.name(one.name), more=one.time_zone)
        begin = 0
        for number in range(1, 8):
            if number == 7 or one.weekly[number] != one.weekly[begin]:
                last = f" – {days[number - 1]}" if number - 1 > begin else ""
                yield name, f"{days[begin]}{last}", self.say.hours(one.weekly[begin])
                name, begin = "", number
        for *ends, spans in _alike(one.dates):
            yield "", " – ".join(dict.fromkeys(map(_date, ends))), self.say.hours(spans)

    # ------------------------------------------------------------------ bodies of sets

    def _set(self, one: ValueSet) -> Grid:
        body, words, name = one.body, self.words, self.say.name
        rows: list[tuple[str, ...]] = []
        columns: tuple[str, ...] = (words["when"], words["gives"])
        if isinstance(body, Rules):
            columns = (words["rule"], words["when"], words["gives"])
            rows = [(name(r.name), self.say.when(r.when), name(r.then)) for r in body.rows]
        elif isinstance(body, Ladder):
            field = named(body.field.text, self.language)
            least = "{} ≥ {:,}"
            rows = [(least.format(field, _whole(p)), name(v)) for p, v, _ in reversed(body.steps)]
        elif isinstance(body, Table):
            columns = (*(named(c.text, self.language) for c in body.on), words["gives"])
            rows = [(*map(self.say.cell, r.cells), name(r.value)) for r in body.rows]
        elif isinstance(body, Shares):
            rows = [(words["share"].format(share=f"{s:g}"), name(v)) for v, s in body.parts]
        if one.default is not None and not isinstance(body, Shares):
            blanks = ("",) * (len(columns) - 2)
            rows.append((words["default"], *blanks, name(one.default)))
        return Grid(name(one.name.replace("_", " ")), columns, tuple(rows))


def _whole(number: float) -> float | int:
    return int(number) if float(number).is_integer() else number


def _alike(dates: tuple[tuple[int, Spans], ...]) -> Iterator[tuple[int, int, Spans]]:
    """Yield the first and the last of days that follow each other and have the same hours."""
    days = groupby(enumerate(dates), lambda one: (one[1][0] - one[0], one[1][1]))
    for (_, spans), alike in days:
        found = [day for _, (day, _) in alike]
        yield found[0], found[-1], spans


def _date(day: int) -> str:
    return date.fromordinal(day + date(1970, 1, 1).toordinal()).isoformat()
