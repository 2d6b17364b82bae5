"""Compiles `memory.counts`: towards which counts a contact counts once it is decided."""

from dataclasses import dataclass, replace

from tierlane.policy.condition.condition import ALWAYS, Condition, Conditions
from tierlane.policy.condition.scope import Scope
from tierlane.policy.deciding.valueset import Obligation, Row
from tierlane.policy.form.document import Rule, Written
from tierlane.policy.form.field import COUNTS
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading.memory import MOST_COUNTED


@dataclass(slots=True)
class CountAssembly:
    """The counts of one policy while they are compiled, when all other rows are."""

    report: Report
    conditions: Conditions

    def counts(self, rules: tuple[Rule, ...], scope: Scope) -> Obligation:
        """Compile what is counted; a contact without the field that counts apart does not count."""
        rows = []
        for one in rules:
            when = self.conditions.compile(one.when, scope)
            if one.then.per:
                when = when.and_also(self._known(".".join(one.then.per), one.place, scope))
            rows.append(Row(f"memory/{one.name}", one.name, when, one.then))
            self._check_reach(one, scope)
        return Obligation("memory", tuple(rows))

    def _known(self, path: str, place: Place, scope: Scope) -> Condition:
        """Return the condition that a contact has the field it is counted by, masked or not."""
        known = scope.slots.fields.get(path)
        if known is None or not path.startswith("contact."):
            hint = "`customer`, or a field of the contact"
            self.report.error("unknown_field", place, f"no field `{path}`", hint)
            return ALWAYS
        if known.type not in ("text", "number", "integer"):
            self.report.error("wrong_type", place, f"`{path}` is of type {known.type}")
        written = Written(f"{path} != null", place)
        return self.conditions.compile(written, replace(scope, masked=True))

    def _check_reach(self, count: Rule, scope: Scope) -> None:
        """Report a count compared with more contacts than are remembered."""
        slot = scope.slots.of(f"{COUNTS}{count.name}")
        asked = (*slot.points, *slot.least, *slot.most, *slot.words)
        if any(type(one) in (int, float) and one > MOST_COUNTED for one in asked):
            message = f"`{slot.path}` is never above {MOST_COUNTED}"
            self.report.warn("count_too_high", count.place, message)
