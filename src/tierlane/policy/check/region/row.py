"""Rows that never hold, and rows whose contacts those above them take."""

from bisect import bisect_right
from collections.abc import Iterable

from tierlane.policy.check.region.atlas import UNDRAWN, Atlas, List, Row
from tierlane.policy.check.region.cut import tree_of
from tierlane.policy.check.region.diagram import NOTHING
from tierlane.policy.check.region.step import handed_to
from tierlane.policy.condition.expression import terms
from tierlane.policy.form.document import Ladder, Service, Written, word
from tierlane.policy.form.finding import Report

MOST_NAMED = 3
"""Rows above that a finding names."""


def find_rows(atlas: Atlas, report: Report) -> None:
    """Report the dead and the shadowed rows of every list that was drawn."""
    handed = handed_to(atlas.document)
    for listed in atlas.lists.values():
        for number, row in enumerate(listed.rows):
            if listed.name == "plans" and row.name in handed:
                continue  # another plan leads to it, whatever its own condition says
            if row.holds == UNDRAWN:
                continue
            if not atlas.occurs(row.holds):
                _dead(atlas, report, listed, row)
            elif listed.exact and not atlas.occurs(row.takes):
                _shadowed(atlas, report, listed, number)
    for listed in atlas.binding.values():
        for row in listed.rows:
            if not atlas.occurs(row.holds):
                _dead(atlas, report, listed, row)
    _service(atlas, report)
    _ladders(atlas, report)


def _dead(atlas: Atlas, report: Report, listed: List, row: Row) -> None:
    message = f"`{row.name}` of `{listed.name}` can never hold"
    report.warn("dead", row.place, message, _why(atlas, row.when))


def _why(atlas: Atlas, when: Written | None) -> str:
    """Return the term that is never true, or the two that exclude each other."""
    if when is None:
        return "no contact has these values"
    parts = terms(tree_of(when.text))
    regions = [atlas.judge.truth(part).true for part in parts]
    texts = [when.text[part.start : part.end].strip() for part in parts]
    for text, region in zip(texts, regions, strict=True):
        if not atlas.occurs(region) and len(parts) > 1:
            return f"`{text}` is never true"
    for one in range(len(parts)):
        for two in range(one):
            if not atlas.occurs(atlas.diagram.both(regions[one], regions[two])):
                return f"`{texts[two]}` and `{texts[one]}` exclude each other"
    return "its terms exclude each other" if len(parts) > 1 else "no contact is so"


def _shadowed(atlas: Atlas, report: Report, listed: List, number: int) -> None:
    row = listed.rows[number]
    above = [
        one
        for one in listed.rows[:number]
        if one.takes != NOTHING and atlas.occurs(atlas.diagram.both(row.holds, one.takes))
    ]
    message = f"`{row.name}` of `{listed.name}` is never reached: {taken_by(above)}"
    report.warn("shadowed", row.place, message, seen_at(row, above))


def taken_by(above: list[Row]) -> str:
    """Return who takes a row's contacts, in words."""
    names = [f"`{one.name}`" for one in above[:MOST_NAMED]]
    if len(above) > MOST_NAMED:
        names[-1] = f"{len(above) - MOST_NAMED + 1} more"
    if len(names) == 1:
        return f"{names[0]} takes its contacts"
    return f"{', '.join(names[:-1])} and {names[-1]} take its contacts between them"


def seen_at(row: Row, above: list[Row]) -> str:
    """Return a hint to where the rows above stand."""
    return f"see {', '.join(one.place.beside(row.place) for one in above[:MOST_NAMED])}"


def _ladders(atlas: Atlas, report: Report) -> None:
    """Report steps of ladders that no value of the field's closed set comes to."""
    document = atlas.document
    for of, sets in (("facts", document.facts), ("tiers", document.tiers.sets)):
        for one in sets:
            known = None
            if isinstance(one.body, Ladder):
                known = atlas.judge.plane.cuts.fields.get(one.body.field.text)
            if known is not None and known.values and isinstance(one.body, Ladder):
                points = [point for point, _, _ in one.body.steps]
                met = {bisect_right(points, float(value)) - 1 for value in known.values}
                for number, (point, _, place) in enumerate(one.body.steps):
                    if number not in met:
                        message = f"`{word(point)}` of `{of}/{one.name}` can never hold"
                        hint = f"`{known.path}` is one of {', '.join(map(word, known.values))}"
                        report.warn("dead", place, message, hint)


def _service(atlas: Atlas, report: Report) -> None:
    """Report rows of `serving` all of whose keys the rows above have set wherever they hold."""
    rows = atlas.binding["serving"].rows
    told: dict[str, int] = {}
    for row in rows:
        keys = _keys(row.value)
        covered = [atlas.diagram.without(row.holds, told.get(key, NOTHING)) for key in keys]
        if keys and atlas.occurs(row.holds) and not any(map(atlas.occurs, covered)):
            message = f"`{row.name}` of `serving` tells nothing: rows above it have told all of it"
            report.warn("shadowed", row.place, message, "the first row to set a key keeps it")
        for key in keys:
            told[key] = atlas.diagram.either(told.get(key, NOTHING), row.holds)


def _keys(service: Service) -> list[str]:
    carried = [one.text.rpartition(".")[2] for one in service.carry]
    return [*(key for key, _ in service.constants), *carried]


def find_equal(name: str, rows: Iterable[Row], report: Report) -> None:
    """Report rows behind one that always holds or has the same text: for lists not drawn."""
    seen: dict[str, Row] = {}
    always: Row | None = None
    for row in rows:
        text = "" if row.when is None else " ".join(row.when.text.split())
        above = always or seen.get(text)
        if above is not None:
            message = f"`{row.name}` of `{name}` is never reached: {taken_by([above])}"
            report.warn("shadowed", row.place, message, seen_at(row, [above]))
        if text in ("", "true"):
            always = always or row
        seen.setdefault(text, row)
