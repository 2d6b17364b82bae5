"""Decisions in words: what an audit record says, for somebody who keeps a service and no program.

It reads the `data` of a `decided` record alone, so that it explains what was kept and nothing else.
Whoever has the policy at hand can hand in the names and origins of its rows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tierlane.audit.wording import FAULTS, KINDS, LANGUAGES, REASONS, TEXT, UNITS

__all__ = ["LANGUAGES", "NOWHERE", "explain"]

NOWHERE: Final[Mapping[str, str]] = {}
UNNAMED: Final[Mapping[str, tuple[str, ...]]] = {}
MOST_NAMED: Final = 6
"""Rows told by name of those that failed alike; the others are counted."""


def explain(
    audit: Mapping[str, Any],
    language: str = "en",
    origins: Mapping[str, str] = NOWHERE,
    *,
    names: Mapping[str, tuple[str, ...]] = UNNAMED,
    stricter: Mapping[str, tuple[str, ...]] = UNNAMED,
    brief: bool = False,
) -> str:
    """Return sentences, one a line, for the `data` of a `decided` record; `language` en or zh.

    `origins` names, by row, the file and line of rows that a policy has from what it extends.
    `names` are the rows of each list in their order, so that rows which did not hold are told by
    name and not by number. `stricter` tells by floor which times it shortened, and whether it
    raised the priority. `brief` leaves out what was derived and what did not hold.
    """
    return "\n".join(_Teller(_told(audit, origins), language, names, stricter).lines(brief=brief))


def _told(audit: Mapping[str, Any], origins: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the record with the origin behind the name of each row that has one."""
    if not origins:
        return audit

    def told(row: str) -> str:
        return f"{row} ({origins[row]})" if row in origins else row

    considered = audit.get("considered", {})
    lanes = [{**one, "reason": told(one["reason"])} for one in considered.get("lanes", ())]
    return {
        **audit,
        **{key: {**audit[key], "rule": told(audit[key]["rule"])} for key in ("tier", "scenario")},
        "because": [told(row) for row in audit.get("because", ())],
        "considered": {**considered, "lanes": lanes},
    }


class _Teller:
    """Tells one record."""

    def __init__(
        self,
        audit: Mapping[str, Any],
        language: str,
        names: Mapping[str, tuple[str, ...]],
        stricter: Mapping[str, tuple[str, ...]],
    ) -> None:
        self.audit, self.language, self.names = audit, language, names
        self.stricter = stricter
        self.text = TEXT[language]
        self.considered: Mapping[str, Any] = audit.get("considered", {})

    def lines(self, *, brief: bool) -> Iterator[str]:
        """Yield the sentences: where, who, what, how, by when, and on what grounds."""
        audit, text = self.audit, self.text
        yield self._lane()
        if audit.get("again"):
            yield text["again"]
        yield self._tier()
        yield self._scenario()
        if audit.get("facts") and not brief:
            yield self._facts()
        yield from map(self._passed, self.considered.get("lanes", ()))
        plan = "fallback" if audit["step"] == "fallback" else "plan"
        yield text[plan].format(plan=audit["plan"], step=audit["step"])
        because = audit.get("because", ())
        for key in () if brief else ("floors", "compliance"):
            if rows := [row for row in because if row.startswith(f"{key}/")]:
                yield text[key].format(rows=self._named(rows))
        yield self._promise()
        for row, keys in () if brief else self.stricter.items():
            what = text["join"].join(text[f"stricter {key}"] for key in keys)
            yield text["stricter"].format(row=row, what=what)
        if because:
            yield text["held"].format(rows=self._named(because))
        if not brief:
            yield from self._tried()
        if audit.get("masked"):
            yield text["masked"].format(paths=self._named(audit["masked"]))
        yield from (text["fault"].format(text=self._fault(one)) for one in audit.get("errors", ()))
        if audit.get("truncated"):
            yield text["truncated"].format(number=audit["truncated"])

    def _named(self, names: Any) -> str:
        return self.text["join"].join(self.text["name"].format(name=one) for one in names)

    # ------------------------------------------------------------------ where, who, what

    def _lane(self) -> str:
        audit, text = self.audit, self.text
        advisor = text["advisor"].format(advisor=audit["advisor"]) if audit.get("advisor") else ""
        return text["lane"].format(
            contact=audit["contact_id"],
            lane=audit["lane"],
            kind=KINDS[self.language].get(audit["lane_kind"], audit["lane_kind"]),
            desk=audit["desk"],
            advisor=advisor,
        )

    def _because(self, rule: str) -> str:
        return (
            self.text["default"]
            if rule.endswith("/default")
            else self.text["rule"].format(rule=rule)
        )

    def _tier(self) -> str:
        tier, text = self.audit["tier"], self.text
        rule, because = tier["rule"], self._because(tier["rule"])
        if "earned" in tier:
            return text["ignored"].format(earned=tier["earned"], because=because, tier=tier["name"])
        for row, key in (("tiers/keep", "kept"), ("tiers/margin", "margin")):
            if rule.partition(" (")[0] == row:
                return text[key].format(tier=tier["name"], rule=rule)
        return text["tier"].format(tier=tier["name"], because=because)

    def _scenario(self) -> str:
        scenario = self.audit["scenario"]
        because = self._because(scenario["rule"])
        return self.text["scenario"].format(scenario=scenario["name"], because=because)

    def _facts(self) -> str:
        draws = self.audit.get("draws", {})
        told = []
        for name, given in self.audit["facts"].items():
            fact = self.text["fact"].format(name=name, value=self._value(given))
            if name in draws:
                fact += self.text["drawn"].format(draw=f"{draws[name]:.4g}")
            told.append(fact)
        return self.text["facts"].format(facts=self.text["join"].join(told))

    def _value(self, given: object) -> str:
        if isinstance(given, bool):
            return self.text["yes" if given else "no"]
        if isinstance(given, int | float):
            return f"{given:g}"
        return self.text["name"].format(name=given)

    # ------------------------------------------------------------------ how, by when

    def _passed(self, one: Mapping[str, Any]) -> str:
        reasons, reason = REASONS[self.language], one["reason"]
        head, _, term = reason.partition(": ")
        if reason in reasons:
            told = reasons[reason]
        elif head == "when" and term.startswith("missing "):
            told = reasons["missing"].format(term=term.removeprefix("missing "))
        elif head in ("when", "skip_if") and term:
            told = reasons[head].format(term=term)
        else:
            binds = reason.startswith(("floors/", "compliance/"))
            told = reasons["binds" if binds else "other"].format(term=reason)
        return self.text["passed"].format(step=one["step"], lane=one["lane"], reason=told)

    def _promise(self) -> str:
        text, priority = self.text, f"{self.audit['priority']:g}"
        due = self.audit.get("due", {})
        times = [self._promised(key, one, due) for key, one in self.audit["promise"].items()]
        if not times:
            return text["no promise"].format(priority=priority)
        return text["promise"].format(times=text["join"].join(times), priority=priority)

    def _promised(self, key: str, promised: Any, due: Mapping[str, Any]) -> str:
        """Tell one promise; where working time binds, all that binds and the moment that makes."""
        text = self.text
        bounds = promised if isinstance(promised, list) else [promised]
        told = text[key].format(time=text["least"].join(map(self._bound, bounds)))
        return text["due"].format(keys=told, due=due[key]) if due.get(key) else told

    def _bound(self, one: Any) -> str:
        if not isinstance(one, dict):
            return self._time(one)
        time = self._time(one["working"])
        return self.text["working"].format(time=time, calendar=one["calendar"])

    def _time(self, seconds: float) -> str:
        for size, unit in UNITS[self.language]:
            if seconds >= size and seconds % size == 0:
                return unit.format(f"{seconds // size:g}")
        return UNITS[self.language][-1][1].format(f"{seconds:g}")

    # ------------------------------------------------------------------ on what grounds

    def _tried(self) -> Iterator[str]:
        """Tell the rows that were looked at and did not hold, list by list."""
        for of, terms in self.considered.items():
            if isinstance(terms, Mapping):
                told = [self._group(of, about, rows) for about, rows in terms.items()]
                yield self.text["tried"].format(of=of, rows=self.text["and"].join(told))
        if sets := self.considered.get("no_row"):
            yield self.text["no row"].format(sets=self._named(sets))

    def _group(self, of: str, about: str, rows: str) -> str:
        """Tell rows that one term failed, by their names where these are known."""
        text, listed = self.text, self.names.get(of, ())
        numbers = list(_numbers(rows))
        if not listed or max(numbers) > len(listed):
            return text["by"].format(rows=text["numbers"].format(rows=rows), about=about)
        named = self._named(listed[number - 1] for number in numbers[:MOST_NAMED])
        if (more := len(numbers) - MOST_NAMED) > 0:
            named += text["join"] + text["more"].format(number=more)
        return text["by"].format(rows=named, about=about)

    def _fault(self, one: Mapping[str, Any]) -> str:
        faults = FAULTS[self.language]
        code = one["error"]
        known = faults.get(code, faults["other"])
        return known.format(at=one["at"], detail=one.get("detail", ""), code=code)


def _numbers(ranges: str) -> Iterator[int]:
    """Read `2-6,8`."""
    for part in ranges.split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
