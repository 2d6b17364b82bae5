"""The compiled sections of a document, bound into a revision with what it remembers by."""

import orjson

from tierlane.policy.compiling.assemble import Assembly
from tierlane.policy.compiling.section import Sections
from tierlane.policy.condition.scope import Slots
from tierlane.policy.condition.slot import Slot
from tierlane.policy.deciding.composing import Composer
from tierlane.policy.deciding.evaluation import TYPED
from tierlane.policy.deciding.layout import FIRST, layout
from tierlane.policy.deciding.memo import Memo, Picker, Suite, reads, remember, suite
from tierlane.policy.deciding.revision import Needs, Revision
from tierlane.policy.deciding.rulebook import Rulebook
from tierlane.policy.deciding.sorter import sorter
from tierlane.policy.deciding.tiering import Tiering
from tierlane.policy.deciding.valueset import Shared, ValueFinder, Wide
from tierlane.policy.form.document import Document
from tierlane.policy.reading.canonical import digest
from tierlane.tier import TierOrder


def bind(assembly: Assembly, sections: Sections, order: TierOrder) -> Revision:
    """Return the revision of an assembly whose slots are all known."""
    return _Binding(assembly, sections, order).revision()


class _Binding:
    def __init__(self, assembly: Assembly, sections: Sections, order: TierOrder) -> None:
        self.document: Document = assembly.document
        self.slots: Slots = assembly.slots
        self.assembly, self.sections, self.order = assembly, sections, order
        self.atoms = self.slots.atoms()
        self.free = tuple(frozenset(atom.slots) for atom in self.atoms)
        self.count = len(self.slots.all)
        self.hash = digest(self.document.canonical)
        beforehand: list[Wide | Shared] = [*assembly.wide, *assembly.shared]
        for position, late in enumerate(beforehand, self.count + len(self.atoms)):
            late.position = position

    def revision(self) -> Revision:
        """Put everything together."""
        reading = layout(self.slots.all, self.document.time_zone, self.slots.calendars)
        return Revision(
            name=self.document.name,
            hash=self.hash,
            needs=self._needs(),
            tiers=self.order,
            scenarios=self.sections.book,
            lanes=tuple(lane for lane, _ in self.document.lanes),
            fallback=self.sections.fallback.name,
            layout=reading,
            sort=sorter(reading, self.slots.all),
            classifiers=tuple(slot.classifier() for slot in self.slots.all),
            free=self.atoms,
            wide=tuple(self.assembly.wide),
            shared=tuple(self.assembly.shared),
            rules=self._rulebook(),
            lines=self.sections.lines,
            counts=tuple(one.then for one in self.document.memory.counts),
            joins=self.document.memory.joins,
            memo={},
        )

    def _rulebook(self) -> Rulebook:
        sections, always = self.sections, self.sections.always
        place_slots, place_names = self._looked_at()
        return Rulebook(
            composer=self._composer(),
            types=tuple(TYPED[slot.type] for slot in self.slots.all),
            facts=Suite(tuple((name, self._memo(one)) for _, name, one in sections.facts)),
            tiering=self._tiering(),
            scenarios=self._memo(sections.scenarios),
            book=sections.book,
            after_scenario=suite(
                map(self._memo, (*sections.after, sections.plans, sections.counts))
            ),
            conditional_steps=bool(sections.budgets)
            or any(step.conditional for step in sections.every_step),
            channel_slot=always.channel.index,
            customer_slot=always.customer.index,
            profile_slot=always.profile.index,
            identity_slot=always.identity.index,
            language_slot=always.language,
            place_slots=place_slots,
            place_names=place_names,
            fallback=sections.fallback,
            default_priority=self.document.priorities[0],
            default_promise=self.document.promises[0],
            plans={plan.name: plan for plan in sections.every_plan},
            budgets=sections.budgets,
            hurried=any(
                step.before_answer is not None
                for plan in self.document.plans
                for step in plan.steps
            ),
        )

    def _memo(self, finder: ValueFinder) -> Memo:
        return remember(finder, self.free, self.count)

    def _tiering(self) -> Tiering:
        tiers = self.sections.tiers
        sets = suite(map(self._memo, tiers.sets))
        return Tiering(self.order, sets, tiers.margins, tiers.keep, tiers.held)

    def _looked_at(self) -> tuple[Picker, Picker | None]:
        """Return what picks the classes and names that placing looks at without any condition."""
        always = self.sections.always
        looks = [step.looks for step in self.sections.every_step]
        slots = {always.channel.index, always.identity.index, *({always.language} - {-1})}
        slots |= frozenset[int]().union(*(one for one, _ in looks))
        names = frozenset[str]().union(*(one for _, one in looks))
        return reads(frozenset(slots), names, self.free, self.count).pickers()

    def _composer(self) -> Composer:
        always = self.sections.always
        return Composer(
            named={"name": self.document.name, "revision": self.hash},
            facts=tuple((name, orjson.dumps(name) + b":") for name, _, _ in self.sections.facts),
            paths=tuple(slot.path for slot in self.slots.all),
            sources=tuple(map(_source, self.slots.all)),
            shown=tuple(map(_shown, self.slots.all)),
            channel_slot=always.channel.index,
            customer_slot=always.customer.index,
            profile_slot=always.profile.index,
        )

    def _needs(self) -> Needs:
        found: dict[str, set[str]] = {"contact": set(), "profile": set(), "memory": set()}
        for slot in self.slots.all:
            if slot.known is not None and slot.known.path not in ("now", "profile"):
                root, *rest = slot.known.place
                found[root].add(".".join(rest))
        return Needs(*(frozenset(found[root]) for root in ("contact", "profile", "memory")))


def _source(slot: Slot) -> int:
    """Return the slot that a slot's value is reckoned from: itself, or another."""
    return slot.index if slot.derive is None else slot.derive[1]


def _shown(slot: Slot) -> str:
    """Return how a slot's value is told: `plain`, `time`, its mask, or nothing."""
    if slot.known is None or slot.path in FIRST:
        return ""  # reckoned from another; or told elsewhere, as the record's `at` or as an error
    return slot.known.mask or ("time" if slot.type == "time" else "plain")
