"""What the check finds in the staff of managed desks: who serves what, and whether it suffices."""

from collections.abc import Iterable, Iterator
from typing import Final

from tierlane.lane import Lane
from tierlane.policy.check.erlang import ErlangA
from tierlane.policy.check.structure import steps_of
from tierlane.policy.compiling.advising import ROOT, paths
from tierlane.policy.condition.expression import Binary, Const, NotCel, Path, Tree, parse, terms
from tierlane.policy.form.desk import Desk, Staffing
from tierlane.policy.form.document import Document, Step, Written
from tierlane.policy.form.field import Field
from tierlane.policy.form.finding import Report
from tierlane.policy.reading.shape import near

ENOUGH: Final = 0.8
"""The share of contacts to be answered in the promised time, as is widely planned: four of five."""
_HOUR: Final = 3_600_000


def check_staff(document: Document, fields: dict[str, Field], report: Report) -> None:
    """Report what a managed desk's capacity, duties and staffing leave undone."""
    for desk in document.desks:
        if desk.managed:
            look = _Look(document, desk, report)
            look.channels(fields["contact.channel"])
            look.lanes()
            if desk.staffing is not None:
                look.skills(desk.staffing)
                look.load(desk.staffing)


class _Look:
    """One run over one desk."""

    def __init__(self, document: Document, desk: Desk, report: Report) -> None:
        self.document, self.desk, self.report = document, desk, report

    def channels(self, channel: Field) -> None:
        """Report channels that there are not, and those that nobody can ever take."""
        known = [str(value) for value in channel.values]
        place = self.desk.at("capacity")
        named = [(name, place) for name in _named(self.desk)]
        named += [(name, self.desk.at("wrap_up")) for name, _ in self.desk.wrap_up]
        for name, at in named:
            if name not in known:
                message = f"`contact.channel` is never `{name}`"
                self.report.error("unknown_value", at, message, near(name, known))
        capacity = self.desk.capacity
        for use in capacity.uses:
            if use.costs > capacity.units:
                message = f"`{use.channel}` costs {use.costs:g} of {capacity.units:g} units"
                hint = "nobody can ever take a contact of this channel"
                self.report.error("capacity", place, message, hint)

    def lanes(self) -> None:
        """Report lanes that nobody serves."""
        served = {lane.lane for duty in self.desk.duties for lane in duty.lanes}
        nobody = self.desk.staffing is not None and self.desk.staffing.advisors == 0
        for lane, place in self.document.lanes:
            if lane.desk != self.desk.name or lane.kind == "selfservice":
                continue
            missing = bool(self.desk.duties) and lane.name not in served
            if nobody or (missing and not self._lent(lane, served)):
                why = "the desk has no advisors" if nobody else "no duty has it"
                message = f"nobody serves lane `{lane.name}`"
                self.report.error("lane_unserved", place, message, why)

    def _lent(self, lane: Lane, served: Iterable[str]) -> bool:
        """Tell whether every step in the lane borrows the advisors of one that is served."""
        steps = [step for _, step, name in steps_of(self.document) if name == lane.name]
        return bool(steps) and all(any(one.text in served for one in s.borrow) for s in steps)

    def skills(self, staffing: Staffing) -> None:
        """Report wants that need a skill or language which nobody is stated to have."""
        held = {skill for skill, count in staffing.skills if count}
        if not held:
            return
        desks = {lane.name: lane.desk for lane, _ in self.document.lanes}
        for _, step, lane in steps_of(self.document):
            if desks.get(lane) == self.desk.name and not _borrows(step, desks, self.desk):
                for want in step.who:
                    if lacking := _lacking(want, held):
                        message = f"nobody at desk `{self.desk.name}` has `{lacking}`"
                        hint = f"`staffing` states {', '.join(f'`{one}`' for one in sorted(held))}"
                        self.report.warn("skill_unheld", want.place, message, hint)

    def load(self, staffing: Staffing) -> None:
        """Report staff that cannot keep up, or cannot keep what is promised."""
        if not staffing.arrivals or staffing.service is None or not staffing.advisors:
            return
        arrivals = staffing.arrivals / _HOUR
        model = ErlangA(arrivals, staffing.service, staffing.patience, staffing.advisors)
        if model.load > staffing.advisors or not model.stable:
            work, staff = f"{model.load:.1f}", f"{staffing.advisors} of desk `{self.desk.name}`"
            message = f"work for {work} advisors comes to the {staff}"
            hint = "arrivals an hour × hours of service: more than there are, and the line grows"
            self.report.error("overload", staffing.place, message, hint)
            return
        for row, answer in self._promises():
            share = model.answered_within(answer)
            if share < ENOUGH:
                self._unkept(staffing, f"{share:.0%} within the {answer / 1000:g} s of `{row}`")
                return

    def _unkept(self, staffing: Staffing, what: str) -> None:
        message = f"the staff of desk `{self.desk.name}` answers about {what}"
        hint = "an estimate (Erlang A) for one line in order of arrival; 80% would be enough"
        if staffing.enforce:
            self.report.error("promise_enforced", staffing.place, message, hint)
        else:
            self.report.warn("promise_unkept", staffing.place, message, hint)

    def _promises(self) -> list[tuple[str, int]]:
        """Return the promised answers, the shortest first."""
        default, rows = self.document.promises
        named = [("promises/default", default), *((f"promises/{r.name}", r.then) for r in rows)]
        found = [(name, one.answer) for name, one in named if one.answer is not None]
        return sorted(found, key=lambda one: one[1])


def _named(desk: Desk) -> Iterator[str]:
    for use in desk.capacity.uses:
        yield use.channel
        yield from use.beside or ()


def _borrows(step: Step, desks: dict[str, str], desk: Desk) -> bool:
    return any(desks.get(one.text) != desk.name for one in step.borrow)


def _lacking(want: Written, held: set[str]) -> str:
    """Return a skill or language that a want cannot do without and nobody has, or nothing."""
    try:
        parts = terms(parse(want.text))
    except NotCel:  # reported where it is compiled
        return ""
    for part in parts:
        needed = [_needed(one) for one in _alternatives(part)]
        if needed and all(one and one not in held for one in needed):
            return str(needed[0])
    return ""


def _alternatives(tree: Tree) -> list[Tree]:
    if isinstance(tree, Binary) and tree.sign == "||":
        return [*_alternatives(tree.left), *_alternatives(tree.right)]
    return [tree]


def _needed(tree: Tree) -> str:
    """Return the skill or language that one comparison asks for, or nothing if it asks another."""
    if not isinstance(tree, Binary):
        return ""
    if tree.sign == "in" and isinstance(tree.left, Const) and isinstance(tree.right, Path):
        return str(tree.left.value) if tree.right.text == ROOT + "languages" else ""
    skills = [one.parts[2] for one in paths(tree) if one.parts[:2] == ("advisor", "skills")]
    return skills[0] if len(skills) == 1 and tree.sign in (">", ">=", "==") else ""
