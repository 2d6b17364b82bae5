"""What a policy asks for, in words: promises, marks, steps, what a lane can."""

from collections.abc import Iterable

from tierlane.decision import Priority, Promise
from tierlane.lane import Lane
from tierlane.page.saying import named, saying
from tierlane.page.wording import WORDS, duration, value
from tierlane.policy.form.document import (
    Budget,
    Count,
    Floor,
    LastResort,
    Mark,
    Plan,
    Service,
    Step,
    Written,
    word,
)


class Phrases:
    """Says the cells of the page's tables in one language."""

    def __init__(self, language: str) -> None:
        self.language, self.words = language, WORDS[language]

    def name(self, name: object) -> str:
        """Set a word of the policy apart from the page's; `yes` and `no` are the page's."""
        if isinstance(name, bool):
            return self.words["yes" if name else "no"]
        return value(word(name), self.language)

    def join(self, names: Iterable[str]) -> str:
        """Say several words of the policy."""
        return self.words["join"].join(map(self.name, names))

    def when(self, when: Written | None) -> str:
        """Say a condition; without one, that it always holds."""
        return saying(when, self.language) or self.words["always"]

    def promise(self, one: Promise) -> str:
        """Say what is promised, in working time where that counts."""
        found = []
        for key in ("answer", "start", "resolve"):
            for span in one.bounds(key):
                time = duration(span.ms, self.language)
                if span.calendar is not None:
                    time = self.words["working"].format(time=time)
                found.append(self.words[key].format(time=time))
        return self.words["semicolon"].join(found) or self.words["no promise"]

    def floor(self, one: Floor) -> str:
        """Say what cannot be gone below."""
        words = self.words
        found = [self.promise(one.promise)] if one.promise != Promise() else []
        if one.priority is not None:
            found.append(words["at least priority"].format(number=f"{one.priority:g}"))
        if one.never:
            kinds = words["join"].join(words[kind] for kind in one.never)
            found.append(words["never"].format(kinds=kinds))
        return words["semicolon"].join(found)

    def mark(self, one: Mark) -> str:
        """Say what must be kept."""
        words, found = self.words, []
        if one.can:
            found.append(words["can"].format(names=self.join(one.can)))
        if one.scripts:
            found.append(words["one script"].format(names=self.join(one.scripts)))
        if one.identity:
            found.append(words["identity"].format(number=one.identity))
        if one.retain_years or one.retain_ms:
            years = words["years"].format(number=one.retain_years)
            time = years if one.retain_years else duration(one.retain_ms, self.language)
            found.append(words["retain"].format(time=time))
        return words["semicolon"].join(found)

    def service(self, one: Service) -> str:
        """Say what goes along with a contact."""
        carried = (
            self.words["carry"].format(name=named(field.text, self.language)) for field in one.carry
        )
        parts = (self.pairs(one.constants), *carried)
        return self.words["semicolon"].join(part for part in parts if part)

    def pairs(self, pairs: Iterable[tuple[str, object]]) -> str:
        """Say constants by their keys."""
        return self.words["semicolon"].join(
            f"{key}{self.words['colon']}{self.name(one)}" for key, one in pairs
        )

    def priority(self, one: Priority) -> str:
        """Say a priority and how it grows."""
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

    def steps(self, plan: Plan) -> str:
        """Say the steps, one a line."""
        lane, lines = "", []
        for number, step in enumerate(plan.steps, 1):
            lane = step.lane.text if step.lane is not None else lane
            lines.append(f"{number}. {self._step(step, lane)}")
        if plan.last is not None:
            lines.append(self.words["finally"].format(what=self.last(plan.last)))
        return "\n".join(lines)

    def _step(self, step: Step, lane: str) -> str:
        words, language = self.words, self.language
        found = [self.name(lane)]
        if step.when is not None:
            found.append(words["step when"].format(what=saying(step.when, language)))
        for key, wants in (("who", step.who), ("prefer", step.prefer)):
            if wants:
                said = words["and"].join(saying(want, language) for want in wants)
                found.append(words[key].format(wants=said))
        if step.borrow:
            found.append(words["borrow"].format(names=self.join(one.text for one in step.borrow)))
        if step.priority is not None:
            found.append(words["sets priority"].format(priority=self.priority(step.priority)))
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

    def last(self, last: LastResort) -> str:
        """Say what comes of a contact that nothing took."""
        words = self.words
        if last.plan is not None:
            what = words["go plan"].format(name=self.name(last.plan.text))
        else:
            what = words["close"].format(name=self.name(last.close))
        if last.until is None:
            return what
        return words["last"].format(time=duration(last.until, self.language), what=what)

    def abilities(self, lane: Lane) -> str:
        """Say what a lane can, and when it is full."""
        words, found = self.words, [self.join((*lane.can, *lane.scripts))]
        if lane.languages:
            found.append(words["speaks"].format(names=self.join(lane.languages)))
        if lane.identity:
            found.append(words["identity"].format(number=lane.identity))
        if lane.most_waiting is not None:
            found.append(words["full at"].format(number=lane.most_waiting))
        if lane.longest_wait is not None:
            time = duration(lane.longest_wait, self.language)
            found.append(words["full after"].format(time=time))
        for key, detour in (("full", lane.full), ("closed", lane.closed)):
            if detour.how != "next":
                found.append(words[f"{key} {detour.how}"].format(name=self.name(detour.plan)))
        return words["semicolon"].join(one for one in found if one)

    def budget(self, one: Budget) -> str:
        """Say how much of a service there is."""
        words, within = self.words, one.within
        if isinstance(within, str):
            time = words[f"within {within}"]
        else:
            time = words["within"].format(time=duration(within, self.language))
        per = words[f"per {one.per}"]
        return words["budget"].format(most=one.most, within=time, per=per)

    def count(self, one: Count) -> str:
        """Say over what time contacts are counted, and by what apart."""
        time = duration(one.within, self.language)
        fields = named(".".join(one.per), self.language)
        key = "count per" if one.per else "count"
        return self.words[key].format(time=time, fields=fields)

    def cell(self, cell: object) -> str:
        """Say a cell of a table."""
        return self.words["any"] if cell is None else self.name(cell)

    def hours(self, spans: tuple[tuple[int, int], ...]) -> str:
        """Say the hours of a day, in minutes since midnight."""
        shown = (f"{_clock(begin)}–{_clock(end)}" for begin, end in spans)
        return self.words["join"].join(shown) or self.words["closed"]


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02d}:{minutes % 60:02d}" if minutes != 1440 else "24:00"
