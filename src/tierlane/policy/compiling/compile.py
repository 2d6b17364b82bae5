"""Document → revision: names resolved, sets compiled, slots laid out.

It runs twice: the first pass finds which fields are read, the second gives them slots in the order
of the maps they stand in (see `layout`).
"""

from dataclasses import replace

import orjson

from tierlane.lane import CHANNELS
from tierlane.policy.compiling.assemble import Assembly, results
from tierlane.policy.compiling.count import CountAssembly
from tierlane.policy.compiling.handover import check_handover
from tierlane.policy.compiling.plan import PlanAssembly
from tierlane.policy.compiling.unmanaged import check_unmanaged
from tierlane.policy.condition.condition import Conditions
from tierlane.policy.condition.expression import NotCel
from tierlane.policy.condition.scope import Given, Scope, Slots
from tierlane.policy.condition.slot import Slot
from tierlane.policy.deciding.composing import Composer
from tierlane.policy.deciding.evaluation import TYPED
from tierlane.policy.deciding.layout import FIRST, layout, order
from tierlane.policy.deciding.memo import Memo, Suite, reads, remember, suite
from tierlane.policy.deciding.revision import Needs, Revision
from tierlane.policy.deciding.rulebook import Rulebook
from tierlane.policy.deciding.sorter import sorter
from tierlane.policy.deciding.tiering import Tiering
from tierlane.policy.deciding.valueset import Choice, Shared, ValueFinder, Wide
from tierlane.policy.form.document import Constant, Document, Rule, Service, Shares, ValueSet
from tierlane.policy.form.field import COUNTS, KNOWN, OPEN, Field, declared_type
from tierlane.policy.form.finding import Place, PolicyError, Report
from tierlane.policy.reading.canonical import digest
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
    return _Pass(document, Slots(fields, calendars), Report(), order(first.all)).run()


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

    def run(self) -> Revision | None:
        """Compile everything; None when it cannot be."""
        document, assembly = self.document, self.assembly
        channel, customer = self.slots.of("contact.channel"), self.slots.of("contact.customer_id")
        profile, identity = self.slots.of("profile"), self.slots.of("contact.identity")
        identity.least.update(float(lane.identity) for lane in self.lanes.values())
        identity.least.update(float(rule.then.identity) for rule in document.compliance)
        channel.words.update(name for lane in self.lanes.values() for name in lane.channels)
        language = self._language()
        scope = Scope(self.slots, {}, self.order.names)
        facts = []
        for one in document.facts:
            finder = assembly.value_set(one, f"facts/{one.name}", scope)
            given = assembly.given(one, f"facts/{one.name}")
            facts.append((one.name, given.variable, finder))
            scope = scope.with_given(f"fact.{one.name}", given)
        scope = replace(scope, masked=False)
        tier_sets = [self._tier_set(one, scope) for one in document.tiers.sets]
        keep = assembly.keep(scope)
        margins = assembly.margin()
        held = self._held(asked=keep is not None or bool(margins))
        scope = scope.with_given("tier", Given("tier", "text", self.order.names), tier_known=True)
        scenarios = assembly.choice(
            "scenarios", document.scenarios.rules, document.scenarios.default, scope
        )
        book = self._book()
        scope = scope.with_given("scenario", Given("scenario", "text", book.names))
        sets = self._after(scope)
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
        atoms = self.slots.atoms()
        count = len(self.slots.all)
        free = tuple(frozenset(atom.slots) for atom in atoms)

        beforehand: list[Wide | Shared] = [*assembly.wide, *assembly.shared]
        for position, late in enumerate(beforehand, count + len(atoms)):
            late.position = position

        steps = [step for row in plans.rows for step in row.value.steps]

        def memo(finder: ValueFinder) -> Memo:
            return remember(finder, free, count)

        slots = self.slots.all
        tiering = Tiering(self.order, suite(map(memo, tier_sets)), margins, keep, held)
        looks = [step.looks for step in steps]
        looked_at = {channel.index, identity.index, *({language} - {-1})}.union(
            *(one for one, _ in looks)
        )
        names = frozenset[str]().union(*(one for _, one in looks))
        place_slots, place_names = reads(frozenset(looked_at), names, free, count).pickers()
        rules = Rulebook(
            composer=Composer(
                named={"name": document.name, "revision": self._hash()},
                facts=tuple((name, orjson.dumps(name) + b":") for name, _, _ in facts),
                paths=tuple(slot.path for slot in slots),
                sources=tuple(self._source(slot.index) for slot in slots),
                shown=tuple(map(_shown, slots)),
                channel_slot=channel.index,
                customer_slot=customer.index,
                profile_slot=profile.index,
            ),
            types=tuple(TYPED[slot.type] for slot in slots),
            facts=Suite(tuple((variable, memo(finder)) for _, variable, finder in facts)),
            tiering=tiering,
            scenarios=memo(scenarios),
            book=book,
            after_scenario=suite(map(memo, (*sets, plans, counts))),
            conditional_steps=bool(budgets) or any(step.conditional for step in steps),
            channel_slot=channel.index,
            customer_slot=customer.index,
            profile_slot=profile.index,
            identity_slot=identity.index,
            language_slot=language,
            place_slots=place_slots,
            place_names=place_names,
            fallback=fallback,
            default_priority=document.priorities[0],
            default_promise=document.promises[0],
            plans={row.value.name: row.value for row in plans.rows},
            budgets=budgets,
            hurried=any(
                step.before_answer is not None for plan in document.plans for step in plan.steps
            ),
        )
        reading = layout(self.slots.all, document.time_zone, self.slots.calendars)
        return Revision(
            name=document.name,
            hash=self._hash(),
            needs=self._needs(),
            tiers=self.order,
            scenarios=book,
            lanes=tuple(self.lanes.values()),
            fallback=fallback.name,
            layout=reading,
            sort=sorter(reading, self.slots.all),
            classifiers=tuple(slot.classifier() for slot in self.slots.all),
            free=atoms,
            wide=tuple(assembly.wide),
            shared=tuple(assembly.shared),
            rules=rules,
            lines=lines,
            counts=tuple(one.then for one in document.memory.counts),
            joins=document.memory.joins,
            memo={},
        )

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

    def _source(self, index: int) -> int:
        derive = self.slots.all[index].derive
        return index if derive is None else derive[1]

    def _needs(self) -> Needs:
        found: dict[str, set[str]] = {"contact": set(), "profile": set(), "memory": set()}
        for slot in self.slots.all:
            if slot.known is not None and slot.known.path not in ("now", "profile"):
                root, *rest = slot.known.place
                found[root].add(".".join(rest))
        return Needs(*(frozenset(found[root]) for root in ("contact", "profile", "memory")))

    def _hash(self) -> str:
        return digest(self.document.canonical)


def _shown(slot: Slot) -> str:
    """Return how a slot's value is told: `plain`, `time`, its mask, or nothing."""
    if slot.known is None or slot.path in FIRST:
        return ""  # reckoned from another; or told elsewhere, as the record's `at` or as an error
    return slot.known.mask or ("time" if slot.type == "time" else "plain")
