"""YAML text → `Document`, with every fault of shape as a finding."""

from typing import Final

from tierlane.policy.form.case import Case, Timeline
from tierlane.policy.form.document import Document, Written
from tierlane.policy.form.finding import Place, Report
from tierlane.policy.reading import body, calendar, desk, lane, memory, plan, section
from tierlane.policy.reading.canonical import canonical
from tierlane.policy.reading.casebook import single
from tierlane.policy.reading.chain import Find, nowhere
from tierlane.policy.reading.hidden import warn_of_lookalikes
from tierlane.policy.reading.masking import hidden
from tierlane.policy.reading.overlay import OWN, gather
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Leaf, Mapping, Node, read
from tierlane.policy.reading.timeline import timeline

_REQUIRED: Final = ("tierlane", "policy", "lanes", "plans", "finally", "fallback")
_OPTIONAL: Final = (
    "time_zone", "calendars", "calendar", "fields", "masking", "memory", "facts", "tiers",
    "scenarios", "promises", "floors", "compliance", "serving", "priorities", "desks", "budgets",
    "cases",
)  # fmt: skip

MOST_FACTS: Final = 1_000
"""Each later row may read every fact before it."""


def read_document(text: str | bytes, source: str, report: Report, find: Find = nowhere) -> Document:
    """Read a policy, merged with what it extends; faults of shape go to the report.

    `find` finds the bases. Raises PolicyError for unreadable YAML, for a base that is not there,
    and where the document is something else altogether.
    """
    node = gather(text, source, report, find)
    shape = Shape(report)
    _refuse_other(shape, node)
    warn_of_lookalikes(node, report)
    entries = shape.keys(node, "the policy", (*_OPTIONAL, *OWN), _REQUIRED)
    _stands_alone(shape, entries)
    _check_version(shape, entries.get("tierlane"))
    zone = shape.time_zone(entries["time_zone"]) if "time_zone" in entries else "UTC"
    calendars = calendar.calendars(shape, entries.get("calendars"), zone)
    shape.calendars = {one.name: one for one, _ in calendars}
    default = calendar.default_calendar(shape, entries.get("calendar"))
    if default is not None:
        shape.calendars[""] = default
    facts = tuple(
        body.fact(shape, one) for one in shape.items(entries.get("facts"), "`facts`", MOST_FACTS)
    )
    shape.unique(((one.name, one.place) for one in facts), "fact")
    masking = section.masking(shape, entries.get("masking"))
    lanes, detours = lane.lanes(shape, entries.get("lanes"))
    desks = desk.desks(shape, entries.get("desks"))
    hours = {one.name: one.calendar for one in desks if one.calendar is not None}
    of_lanes = {one.name: hours[one.desk] for one, _ in lanes if one.desk in hours}
    return Document(
        name=_name(shape, entries.get("policy")),
        time_zone=zone,
        calendars=calendars,
        calendar=default,
        fields=section.declared(shape, entries.get("fields")),
        masking=masking,
        memory=memory.recalled(shape, entries.get("memory")),
        facts=hidden(facts, masking),
        tiers=section.tiers(shape, entries.get("tiers")),
        scenarios=section.scenarios(shape, entries.get("scenarios")),
        promises=section.promises(shape, entries.get("promises")),
        floors=body.rules(shape, entries.get("floors"), "floors", section.floor),
        compliance=body.rules(shape, entries.get("compliance"), "compliance", section.mark),
        serving=body.rules(shape, entries.get("serving"), "serving", section.service),
        priorities=section.priorities(shape, entries.get("priorities")),
        desks=desks,
        lanes=lanes,
        detours=detours,
        budgets=plan.budgets(shape, entries.get("budgets")),
        plans=plan.plans(shape, entries.get("plans"), of_lanes),
        last=plan.last_resort(shape, entries.get("finally"), node.place),
        fallback=_fallback(shape, entries.get("fallback"), node.place),
        cases=_cases(shape, entries.get("cases")),
        place=node.place,
        canonical=canonical(node),
    )


def read_cases(
    text: str | bytes, source: str, report: Report
) -> tuple[str, tuple[Case | Timeline, ...]] | None:
    """Read a file of cases, `policy: FILE` and `cases`; None when it is a policy itself."""
    node = read(text, source)
    if not isinstance(node, Mapping) or "tierlane" in _names(node):
        return None
    shape = Shape(report)
    entries = shape.keys(node, "a file of cases", (), ("policy", "cases"))
    policy = shape.text(entries["policy"], "`policy`") if "policy" in entries else ""
    return policy, _cases(shape, entries.get("cases"))


def _names(node: Mapping) -> set[object]:
    return {key.value for key, _ in node.entries}


def _refuse_other(shape: Shape, node: Node) -> None:
    """Say of what is no policy that one thing, and not all that it lacks as a policy."""
    if not isinstance(node, Mapping):
        shape.wrong(node, "the policy", "a map")
        shape.report.stop_on_errors()
    elif _names(node) == {"policy", "cases"}:
        hint = "run it by `tierlane policy test`"
        shape.report.error("missing_key", node.place, "this is a file of cases, no policy", hint)
        shape.report.stop_on_errors()


def _stands_alone(shape: Shape, entries: dict[str, Node]) -> None:
    """Report what is left of an overlay's own keys where nothing was merged."""
    for key in (key for key in OWN if key in entries):
        node = entries[key]
        if key != "extends":
            message = f"`{key}` needs the key `extends`"
            shape.report.error("missing_key", node.place, message)
        elif not (isinstance(node, Leaf) and node.value is None):
            shape.wrong(node, "`extends`", "a file, or a revision as `NAME@HASH`")


def _check_version(shape: Shape, node: Node | None) -> None:
    if node is not None and not (isinstance(node, Leaf) and node.value == 1):
        hint = "this release reads language version 1"
        shape.report.error("version", node.place, "an unknown version of the language", hint)


def _name(shape: Shape, node: Node | None) -> str:
    name = shape.text(node, "`policy`") if node is not None else ""
    if len(name) > 60 or "@" in name or any(sign.isspace() for sign in name):
        hint = "at most 60 characters, no `@` and no spaces"
        place = node.place if node is not None else Place("", 1, 1)
        shape.report.error("name", place, "the name cannot stand in a key", hint)
    return name


def _fallback(shape: Shape, node: Node | None, place: Place) -> Written:
    return shape.written(node, "`fallback`") if node is not None else Written("", place)


def _cases(shape: Shape, node: Node | None) -> tuple[Case | Timeline, ...]:
    found = tuple(_case(shape, item) for item in shape.items(node, "`cases`"))
    shape.unique(((case.name, case.place) for case in found), "case")
    return found


def _case(shape: Shape, node: Node) -> Case | Timeline:
    """Read a case; one with `contacts` is a timeline, even where its rows were forgotten."""
    staged = isinstance(node, Mapping) and not _names(node).isdisjoint({"timeline", "contacts"})
    return timeline(shape, node) if staged else single(shape, node)
