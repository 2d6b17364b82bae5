"""Document → revision: names resolved, sets compiled, slots laid out.

It runs twice: the first pass finds which fields are read, the second gives them slots in the order
of the maps they stand in (see `layout`).
"""

from dataclasses import replace

from tierlane.lane import CHANNELS
from tierlane.policy.compiling.assemble import Assembly, results
from tierlane.policy.compiling.bind import bind
from tierlane.policy.compiling.count import CountAssembly
from tierlane.policy.compiling.handover import check_handover
from tierlane.policy.compiling.plan import PlanAssembly
from tierlane.policy.compiling.section import Always, Sections, Tiers
from tierlane.policy.compiling.unmanaged import check_unmanaged
from tierlane.policy.condition.condition import Conditions
from tierlane.policy.condition.expression import NotCel
from tierlane.policy.condition.scope import Given, Scope, Slots
from tierlane.policy.deciding.layout import order
from tierlane.policy.deciding.revision import Revision
from tierlane.policy.deciding.valueset import Choice, ValueFinder
from tierlane.policy.form.document import Constant, Document, Rule, Service, Shares, ValueSet
from tierlane.policy.form.field import COUNTS, KNOWN, OPEN, Field, declared_type
from tierlane.policy.form.finding import Place, PolicyError, Report
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.policy.reading.masking import masks_of
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.shape import near
from tierlane.scenario import ScenarioBook
from tierlane.tier import TierOrder


def compile_policy(text: str | bytes, source: str, find: Find = nowhere) -> Revision:
    """Compile a policy; `source` is the file named in findings, `find` finds what it extends.

    Raises PolicyError with every error found, each with file, line and column.
    """
    report = Report()
    document = read_document(text, source, report, find)
    revision = compile_document(document, report)
    if revision is None:
        raise PolicyError(report.errors)
    return revision


def compile_document(document: Document, report: Report) -> Revision | None:
    """Compile a document; None when the report has errors, which one run tells all of."""
    fields = known_fields(document, report)
    calendars = {one.name: one for one, _ in document.calendars}
    first = Slots(fields, calendars)
    _Pass(document, first, report, order(())).run()
    if report.errors:
        return None
    second = _Pass(document, Slots(fields, calendars), Report(), order(first.all))
    sections = second.run()
    return None if sections is None else bind(second.assembly, sections, second.order)


def known_fields(document: Document, report: Report) -> dict[str, Field]:
    """Return the fields a policy may read: those always known and those it declares."""
    masks = masks_of(document.masking)
    found = {path: Field(path, kind, (), masks.get(path, "")) for path, kind in KNOWN.items()}
    found["contact.channel"] = Field("contact.channel", "text", CHANNELS)
    for path, declared in document.fields:
        if path.startswith("advisor.attributes."):
            continue
        kind = declared_type(declared.type)
        if path in KNOWN:
            if KNOWN[path] != kind and not (KNOWN[path] == "integer" and kind == "number"):
                message = f"`{path}` is of type {KNOWN[path]}, not {kind}"
                report.error("wrong_type", declared.place, message)
            kind = KNOWN[path]
        elif not path.startswith(OPEN):
            hint = near(path, KNOWN) or "fields stand under `contact.attributes` and the like"
            report.error("unknown_field", declared.place, f"no field `{path}`", hint)
        found[path] = Field(path, kind, declared.values, masks.get(path, ""))
    paths = (f"{COUNTS}{one.name}" for one in document.memory.counts)
    found |= {path: Field(path, "integer", (), masks.get(path, "")) for path in paths}
    for path, _, place in document.masking:
        if path not in found:
            report.error("unknown_field", place, f"no field `{path}`", near(path, found))
    return found


class _Pass:
    """One run over the sections, in the order in which a contact meets them."""

    def __init__(self, document: Document, slots: Slots, report: Report, known: list[str]) -> None:
        self.document, self.slots, self.report = document, slots, report
        for path in known:
            slots.raw(path)
        self.assembly = Assembly(document, slots, report, Conditions(report))
        self.order = TierOrder(document.tiers.order, document.tiers.default)
        self.lanes = {lane.name: lane for lane, _ in document.lanes}

    def run(self) -> Sections | None:
        """Compile every section; None when something is not there that a revision must have."""
        document, assembly = self.document, self.assembly
        always = self._always()
        facts, scope = self._facts(Scope(self.slots, {}, self.order.names))
        scope = replace(scope, masked=False)
        tiers = self._tiers(scope)
        scope = scope.with_given("tier", Given("tier", "text", self.order.names), tier_known=True)
        written = document.scenarios
        scenarios = assembly.choice("scenarios", written.rules, written.default, scope)
        book = self._book()
        scope = scope.with_given("scenario", Given("scenario", "text", book.names))
        after = self._after(scope)
        planning = PlanAssembly(document, self.report, assembly.conditions, self.lanes)
        fallback = planning.lane(document.fallback)
        self._check_lanes()
        check_unmanaged(document, self.report)
        check_handover(document, self.report)
        plans, budgets = planning.plans(scope), planning.budgets(scope)
        lines = planning.lines(scope)
        counting = CountAssembly(self.report, assembly.conditions)
        counts = counting.counts(document.memory.counts, scope)
        if fallback is None or self.report.errors:
            return None
        return Sections(
            always, facts, tiers, scenarios, book, after, plans, budgets, lines, counts, fallback
        )

    def _always(self) -> Always:
        """Lay out the slots that are there whatever is asked, with what lanes ask of them."""
        channel, customer = self.slots.of("contact.channel"), self.slots.of("contact.customer_id")
        profile, identity = self.slots.of("profile"), self.slots.of("contact.identity")
        identity.least.update(float(lane.identity) for lane in self.lanes.values())
        identity.least.update(float(rule.then.identity) for rule in self.document.compliance)
        channel.words.update(name for lane in self.lanes.values() for name in lane.channels)
        return Always(channel, customer, profile, identity, self._language())

    def _facts(self, scope: Scope) -> tuple[tuple[tuple[str, str, ValueFinder], ...], Scope]:
        """Compile the facts, each of which those after it may ask for."""
        facts = []
        for one in self.document.facts:
            finder = self.assembly.value_set(one, f"facts/{one.name}", scope)
            given = self.assembly.given(one, f"facts/{one.name}")
            facts.append((one.name, given.variable, finder))
            scope = scope.with_given(f"fact.{one.name}", given)
        return tuple(facts), scope

    def _tiers(self, scope: Scope) -> Tiers:
        sets = tuple(self._tier_set(one, scope) for one in self.document.tiers.sets)
        keep, margins = self.assembly.keep(scope), self.assembly.margin()
        held = self._held(asked=keep is not None or bool(margins))
        return Tiers(sets, margins, keep, held)

    def _tier_set(self, one: ValueSet, scope: Scope) -> ValueFinder:
        for value, place in results(one):
            if value not in self.order.names:
                hint = near(str(value), self.order.names)
                self.report.error("unknown_tier", place, f"no tier `{value}`", hint)
        if isinstance(one.body, Shares):
            self.report.error("body", one.place, "tiers are not drawn by share")
        return self.assembly.value_set(one, f"tiers/{one.name}", scope)

    def _held(self, *, asked: bool) -> int:
        if not asked:
            return -1
        slot = self.slots.raw("memory.tier.name")
        slot.words.update(self.order.names)
        return slot.index

    def _book(self) -> ScenarioBook:
        written = self.document.scenarios
        names = tuple(dict.fromkeys((written.default, *(str(row.then) for row in written.rules))))
        for one in written.ignore_tier:
            if one.text not in names:
                message = f"no rule gives the scenario `{one.text}`"
                self.report.error("unknown_scenario", one.place, message, near(one.text, names))
        return ScenarioBook(written.default, names, tuple(one.text for one in written.ignore_tier))

    def _after(self, scope: Scope) -> tuple[Choice, ...]:
        """Compile what stands between the scenario and the plan."""
        document, assembly = self.document, self.assembly
        serving = tuple(self._served(rule, scope) for rule in document.serving)
        promise, promises = document.promises
        priority, priorities = document.priorities
        return (
            assembly.obligation("floors", document.floors, scope),
            assembly.obligation("compliance", document.compliance, scope),
            assembly.obligation("serving", serving, scope),
            assembly.choice("promises", promises, promise, scope),
            assembly.choice("priorities", priorities, priority, scope),
        )

    def _served(self, rule: Rule, scope: Scope) -> Rule:
        """Resolve what a serving rule carries: per key the slot, or the variable, it comes from."""
        then: Service = rule.then
        carry: list[tuple[str, str | int]] = []
        for one in then.carry:
            if given := scope.given.get(one.text):
                carry.append((one.text.rpartition(".")[2], given.variable))
                continue
            try:
                slot = replace(scope, masked=True).slot(one.text, 0)
            except NotCel as error:
                self.report.error(error.code, one.place, error.message, error.hint)
                continue
            carry.append((one.text.rpartition(".")[2], slot.index))
        return replace(rule, then=(then.constants, tuple(carry)))

    def _language(self) -> int:
        """Return the slot of the contact's language, -1 where no lane asks for it."""
        spoken = {name for lane in self.lanes.values() for name in lane.languages}
        if not spoken:
            return -1
        slot = self.slots.of("contact.language")
        slot.words.update(spoken)
        return slot.index

    def _check_lanes(self) -> None:
        channels = self.slots.fields["contact.channel"].values
        languages = self.slots.fields["contact.language"].values
        desks = {desk.name for desk in self.document.desks}
        for lane, place in self.document.lanes:
            if lane.desk and lane.desk not in desks:
                hint = near(lane.desk, desks) or "state it under `desks`"
                self.report.error("unknown_desk", place, f"no desk `{lane.desk}`", hint)
            self._known("contact.channel", lane.channels, channels, place)
            self._known("contact.language", lane.languages, languages, place)

    def _known(
        self, path: str, named: tuple[str, ...], values: tuple[Constant, ...], place: Place
    ) -> None:
        """Report what a lane names and a field with a closed set never is."""
        for one in named:
            if values and one not in values:
                hint = near(one, map(str, values))
                self.report.error("unknown_value", place, f"`{path}` is never `{one}`", hint)
