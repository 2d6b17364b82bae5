"""Cases as examples: what is given and what must come out, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from tierlane.page.saying import named
from tierlane.page.wording import WORDS, duration, value
from tierlane.policy.form.case import Case, Expected, Given, Timeline
from tierlane.policy.form.document import Document, word
from tierlane.policy.reading.shape import WORKING, duration_ms

_SHOWN = ("tier", "scenario", "plan", "lane", "priority", "answer_by", "start_by", "resolve_by")


def examples(document: Document, language: str) -> Iterator[tuple[str, str, str]]:
    """Yield name, what is given, and what must come out, for each case."""
    for one in document.cases:
        if isinstance(one, Case):
            yield one.name, _given(one.given, language), _expected(one.expect, language)
        else:
            yield one.name, _staged(one, language), _course(one, language)


def _staged(one: Timeline, language: str) -> str:
    """Say who comes into a timeline, one contact a line."""
    return "\n".join(
        f"{value(contact.name, language)}{WORDS[language]['colon']}{_given(given, language)}"
        for contact, given in one.contacts
    )


def _course(one: Timeline, language: str) -> str:
    """Say what is expected of whom, and when; one a line."""
    lines, colon = [], WORDS[language]["colon"]
    for moment in one.moments:
        after = WORDS[language]["after"].format(time=duration(moment.at, language))
        for contact, expect in moment.expect:
            told = " ".join(_expected(expect, language).split("\n"))
            lines.append(colon.join((after, value(contact.name, language), told)))
    return "\n".join(lines)


def _given(given: Given, language: str) -> str:
    words = WORDS[language]
    found = list(_fields("contact", given.contact, language))
    if given.profile is None:
        found.append(words["unknown customer"])
    else:
        found += _fields("profile", given.profile, language)
    found += _fields("memory", given.memory or {}, language)
    return words["semicolon"].join(found)


def _fields(path: str, fields: Mapping[str, Any], language: str) -> Iterator[str]:
    for key, content in fields.items():
        inner = f"{path}.{key}"
        if isinstance(content, Mapping):
            yield from _fields(inner, content, language)
        elif content is not None:
            yield f"{named(inner, language)}{WORDS[language]['colon']}{_shown(content, language)}"


def _expected(expect: tuple[Expected, ...], language: str) -> str:
    words = WORDS[language]
    found = []
    for one in expect:
        if one.key in _SHOWN:
            promised = one.key.removesuffix("_by")
            if promised != one.key and one.value is not None:
                found.append(words[promised].format(time=_time(str(one.value), language)))
            elif promised == one.key:
                name = words["go priority"] if one.key == "priority" else words[one.key].lower()
                found.append(f"{name}{words['colon']}{_shown(one.value, language)}")
        elif one.key.startswith("fact."):
            found.append(f"{named(one.key, language)}{words['colon']}{_shown(one.value, language)}")
    lines = [words["semicolon"].join(found)]
    rows = [row for one in expect if one.key == "because" for row in one.value]
    if rows:
        said = words["join"].join(value(str(row), language) for row in rows)
        lines.append(f"{words['why']} {said}")
    for one in expect:
        if one.key == "passed_over":
            for step, reason in one.value.items():
                said = value(str(reason), language)
                lines.append(words["passed"].format(step=step, reason=said))
    return "\n".join(line for line in lines if line)


def _shown(content: Any, language: str) -> str:
    if isinstance(content, list):
        return WORDS[language]["join"].join(_shown(one, language) for one in content)
    if isinstance(content, int | float) and not isinstance(content, bool):
        return f"{content:,}" if content >= 10_000 else f"{content:g}"
    return value(word(content), language)


def _time(text: str, language: str) -> str:
    """Say a time after arrival; a moment stays as it is written."""
    ms = duration_ms(text.removesuffix(WORKING))
    if ms is None:
        return value(text, language)
    said = duration(ms, language)
    return WORDS[language]["working"].format(time=said) if text.endswith(WORKING) else said
