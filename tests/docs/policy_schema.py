"""The JSON Schemas of policies and staffing files, asked of the readers themselves.

python -m tests.docs.policy_schema     writes the schemas that editors use, each twice

Nothing here knows the language. Documents that are sound are read while each call that takes a map
or list apart is noted: which keys it has, or that its keys are free. Then every place is tried
with values of each kind, and a kind is allowed where the readers do not call it the wrong type; a
key that no document uses is tried the same way. So what is read and what editors are told are one.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from tests.docs.snippet import blocks, pages
from tierlane.lane import KINDS
from tierlane.policy.form.finding import Finding, PolicyError, Report
from tierlane.policy.form.finding import Place as Spot
from tierlane.policy.reading.canonical import _written
from tierlane.policy.reading.chain import Base
from tierlane.policy.reading.reader import read_document
from tierlane.policy.reading.section import MASKS, TYPES
from tierlane.policy.reading.shape import Shape
from tierlane.policy.reading.source import Mapping, Node, Sequence, plain, read
from tierlane.replay.simulation.staffing_file import read_staffing

ROOT: Final = Path(__file__).parents[2]
PACKAGED: Final = ROOT / "src/tierlane/policy/schema.json"
FILES: Final = (PACKAGED, ROOT / "docs/reference/policy.schema.json")
STAFFING_FILES: Final = (
    ROOT / "src/tierlane/replay/simulation/staffing.schema.json",
    ROOT / "docs/reference/staffing.schema.json",
)

PROBES: Final = (
    "x", "30s", "5%", "2h working", "2026-01-01", "08:00-22:00", "mon-fri", "any", "x.y",
    1, 0.5, True, None, [], ["x"], [{}], [[]], {}, {"x": 1},
)  # fmt: skip
WORDS: Final = {"unknown_kind": KINDS, "unknown_mask": MASKS, "unknown_type": TYPES}
"""Codes that say a text is none of some words, and the words."""
FREE: Final = "*"
ITEM: Final = "[]"
Path_ = tuple[str, ...]
Notes = dict[Spot, set[str] | None]
"""Of what was taken apart the keys there may be; None where they are free."""
BASE: Final = Base(b"{tierlane: 1, policy: base}", "base")
REFUSED: Final = frozenset({"wrong_type", "unknown_key", "body", "version"})
ANY: Final = frozenset({"string", "boolean", "integer", "number", "array", "object", "null"})


@dataclass(frozen=True, eq=False)
class Language:
    """One kind of document."""

    title: str
    read: Callable[[bytes, Report], object]
    """Reads one; what is wrong is in the report, or in the PolicyError it raises."""
    start: Any
    """The least there can be."""
    also: tuple[str, ...]
    """Keys of the whole that stay where little else does."""
    whole: dict[str, Any]
    """What is asked of the whole beside its keys."""


POLICY: Final = Language(
    "A policy of tierlane, language version 1",
    lambda text, report: read_document(text, "p", report, lambda *_: BASE),
    {"tierlane": 1, "policy": "p", "extends": "base"},
    ("tierlane", "policy", "calendars", "extends"),
    {
        "required": ["tierlane", "policy"],
        "anyOf": [
            {"required": ["extends"]},
            {"required": ["lanes", "plans", "finally", "fallback"]},
        ],
    },
)
STAFFING: Final = Language(
    "A staffing file of tierlane",
    lambda text, _: read_staffing(text, "p"),
    {"staffing": "s", "advisors": {"g": {"count": 1}}},
    ("staffing", "advisors"),
    {"required": ["staffing", "advisors"]},
)


def kind_of(value: Any) -> str:
    """Return the JSON type of a value."""
    kinds: dict[type, str] = {
        str: "string", bool: "boolean", int: "integer", float: "number", list: "array",
        dict: "object", type(None): "null",
    }  # fmt: skip
    return kinds[type(value)]


@dataclass
class Place:
    """What is known of one place of the language."""

    kinds: set[str] = field(default_factory=set)
    keys: set[str] = field(default_factory=set)
    fixed: bool = False
    free: bool = False
    words: set[str] = field(default_factory=set)
    open_words: bool = False
    seen: list[tuple[Any, tuple]] = field(default_factory=list)
    """Small documents in which it occurs, and the way to it."""


@dataclass(frozen=True)
class Reading:
    """One document as it was read: what was taken apart, and the places of what was refused."""

    document: Any
    notes: Notes
    refused: set[Spot]


@contextmanager
def noted(found: Notes) -> Iterator[None]:
    """Note what the readers take apart, by place: the keys there may be, None where all may."""
    keys, entries, inside = Shape.keys, Shape.entries, []

    def note_keys(
        self: Shape, node: Node, what: str, allowed: Any, required: Any = ()
    ) -> dict[str, Node]:
        listed = found.get(node.place) or set()
        found[node.place] = listed | set(allowed) | set(required)
        inside.append(node)
        try:
            return keys(self, node, what, allowed, required)
        finally:
            inside.pop()

    def note_entries(self: Shape, node: Node, what: str) -> dict[str, Any]:
        if not (inside and inside[-1] is node):
            found.setdefault(node.place, None)
        return entries(self, node, what)

    Shape.keys, Shape.entries = note_keys, note_entries  # type: ignore[method-assign]
    try:
        yield
    finally:
        Shape.keys, Shape.entries = keys, entries  # type: ignore[method-assign]


def taken_apart(document: Any, language: Language = POLICY) -> tuple[Node, Notes, list[Finding]]:
    """Read a document; return its nodes, what was noted and what was found."""
    text = _written(document)
    report, notes = Report(), {}
    found: list[Finding] = []
    with noted(notes):
        try:
            language.read(text, report)
        except PolicyError as error:
            found = list(error.findings)
    return read(text, "p"), notes, [*found, *report.findings]


def at(node: Node, way: tuple) -> Node | None:
    """Return the node that a way leads to."""
    for step in way:
        if isinstance(node, Mapping):
            node = next((value for key, value in node.entries if key.value == step), None)  # type: ignore[assignment]
        elif isinstance(node, Sequence):
            node = node.items[step]
        if node is None:
            return None
    return node


def small(document: Any, way: tuple, frees: set[int], also: tuple[str, ...]) -> tuple[Any, tuple]:
    """Return a document with little else in it than a way, and the way in it.

    Siblings in a list or in a map of free keys (at the depths `frees`) go; those that belong to one
    thing stay.
    """

    def cut(value: Any, rest: tuple, depth: int) -> tuple[Any, tuple]:
        if not rest:
            return value, ()
        inner, way = cut(value[rest[0]], rest[1:], depth + 1)
        if isinstance(value, list):
            return [inner], (0, *way)
        if depth == 0:
            kept = {key: value[key] for key in also if key in value}
            return {**kept, rest[0]: inner}, (rest[0], *way)
        if depth in frees:
            return {rest[0]: inner}, (rest[0], *way)
        return {**value, rest[0]: inner}, (rest[0], *way)

    return cut(document, way, 0)


def got(document: Any, way: tuple) -> Any:
    """Return the value that a way leads to."""
    for step in way:
        document = document[step]
    return document


def put(document: Any, way: tuple, value: Any) -> Any:
    """Return a document with one value replaced or added."""
    if not way:
        return value
    if isinstance(document, list):
        return [put(one, way[1:], value) if n == way[0] else one for n, one in enumerate(document)]
    return {**document, way[0]: put(document.get(way[0]), way[1:], value)}


class Survey:
    """Finds the places of a language, beginning with sound documents."""

    MOST_SEEN = 4

    def __init__(self, language: Language) -> None:
        self.language = language
        start = Place(seen=[(language.start, ())])
        self.places: dict[Path_, Place] = {(): start}
        self.waiting: list[Path_] = [()]
        self._shapes: set[tuple] = set()

    def add(self, document: Any) -> None:
        """Note the places of a sound document."""
        node, notes, _ = taken_apart(document, self.language)
        self._walk(Reading(document, notes, set()), node, (), (), set())

    def _walk(self, reading: Reading, node: Node, path: Path_, way: tuple, frees: set[int]) -> None:
        if node.place in reading.refused:
            return
        place = self.places.setdefault(path, Place())
        value = plain(node)
        place.kinds.add(kind_of(value))
        if len(path) > 16 or anything(place):
            return
        shape = (
            path,
            kind_of(value),
            tuple(sorted(map(str, value))) if isinstance(value, dict) else (),
        )
        if path and len(place.seen) < self.MOST_SEEN and shape not in self._shapes:
            self._shapes.add(shape)
            place.seen.append(small(reading.document, way, frees, self.language.also))
            self.waiting.append(path)
        if isinstance(node, Sequence):
            for number, item in enumerate(node.items):
                self._walk(reading, item, (*path, ITEM), (*way, number), frees)
        elif isinstance(node, Mapping) and node.place in reading.notes:
            self._map(reading, node, path, way, frees)

    def _map(
        self, reading: Reading, node: Mapping, path: Path_, way: tuple, frees: set[int]
    ) -> None:
        keys, place = reading.notes[node.place], self.places[path]
        if keys is None:
            place.free, frees = True, frees | {len(way)}
        else:
            place.fixed = True
            place.keys |= keys
        for key, value in node.entries:
            if keys is None or key.value in keys:
                step = FREE if keys is None else str(key.value)
                self._walk(reading, value, (*path, step), (*way, key.value), frees)

    def run(self) -> None:
        """Try every place with values of each kind, and every key that no document used."""
        tried: set[tuple[Path_, int]] = set()
        while self.waiting:
            path = self.waiting.pop()
            for number, (document, way) in enumerate(self.places[path].seen):
                if (path, number) not in tried:
                    tried.add((path, number))
                    self._try(path, document, way)

    def _try(self, path: Path_, document: Any, way: tuple) -> None:
        place = self.places[path]
        for probe in PROBES if path else ():
            self._probe(path, put(document, way, probe), way, probe)
        if not isinstance(got(document, way), dict):
            return
        for key in sorted(place.keys):
            if (*path, key) not in self.places:
                for probe in PROBES:
                    there = (*way, key)
                    self._probe((*path, key), put(document, there, probe), there, probe)

    def _probe(self, path: Path_, document: Any, way: tuple, probe: Any) -> None:
        node, notes, found = taken_apart(document, self.language)
        there = at(node, way)
        assert there is not None
        codes = {one.code for one in found if one.place == there.place}
        if codes & REFUSED:
            return
        place = self.places.setdefault(path, Place())
        if isinstance(probe, str):
            words = {word for code in codes & WORDS.keys() for word in WORDS[code]}
            place.words |= words
            place.open_words |= not words
        place.kinds.add(kind_of(probe))
        if anything(place):
            return
        refused = {one.place for one in found if one.code in REFUSED}
        self._walk(Reading(document, notes, refused), there, path, way, set())


def anything(place: Place) -> bool:
    """Return whether whatever stands there is taken as it is."""
    return place.kinds >= ANY and not place.fixed


def schema(language: Language = POLICY) -> dict[str, Any]:
    """Return the schema."""
    survey = Survey(language)
    for document in sound() if language is POLICY else staffings():
        survey.add(document)
    survey.run()
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": language.title,
        **written(survey.places, ()),
        **language.whole,
    }


def written(places: dict[Path_, Place], path: Path_) -> dict[str, Any]:
    """Return the schema of one place."""
    place = places.get(path)
    if place is None or anything(place):
        return {}
    kinds = sorted(place.kinds - ({"integer"} if "number" in place.kinds else set()))
    found: dict[str, Any] = {"type": kinds[0] if len(kinds) == 1 else kinds}
    if place.words and not place.open_words and "string" in kinds:
        found = _words(kinds, sorted(place.words))
    if "array" in kinds and (*path, ITEM) in places:
        found["items"] = written(places, (*path, ITEM))
    if place.fixed and "object" in kinds:
        found["properties"] = {key: written(places, (*path, key)) for key in sorted(place.keys)}
        if not place.free:
            found["additionalProperties"] = False
    elif place.free and (*path, FREE) in places:
        found["additionalProperties"] = written(places, (*path, FREE))
    return found


def _words(kinds: list[str], words: list[str]) -> dict[str, Any]:
    if kinds == ["string"]:
        return {"enum": words}
    return {"anyOf": [{"enum": words}, {"type": [one for one in kinds if one != "string"]}]}


def sound() -> list[Any]:
    """Return the policies that come with tierlane and stand on its pages, the short ones first."""
    files = [*(ROOT / "src/tierlane/policy/packs").glob("*.yaml"), ROOT / "tests/policy/shop.yaml"]
    texts = [path.read_text(encoding="utf-8") for path in files]
    for page in pages():
        found = blocks(page.read_text(encoding="utf-8"))
        texts += [one.body for one in found if one.file and one.language == "yaml"]
    documents = []
    for text in sorted(texts, key=lambda one: (len(one), one)):
        with suppress(PolicyError):
            document = plain(read(text, "p"))
            if isinstance(document, dict) and "tierlane" in document:
                documents.append(document)
    return documents


TIMES: Final = (
    "{fixed: 3m}", "{exponential: 4m}", "{lognormal: {median: 3m, sigma: 0.8}}",
    "{gamma: {mean: 4m, shape: 2}}", "{empirical: [40s, 2m]}", "{never: true}",
    "{survival: {times: [10s, 1m], remaining: [0.9, 0.5], tail: 5m}}",
)  # fmt: skip
"""Each distribution once: a row takes one of them, so none can be tried beside another."""


def staffings() -> list[Any]:
    """Return staffing files: those on the pages, and one for each distribution."""
    texts = [
        f"{{staffing: s, advisors: {{g: {{count: 1}}}}, service: [{one}], patience: [{one}], "
        f"offers: {{delay: {one}}}}}"
        for one in TIMES
    ]
    rows = "{staffing: s, advisors: {g: {count: 1}}, service: [{recorded: true}], "
    texts.append(f"{rows}patience: [{{recorded: true}}]}}")
    for page in pages():
        found = blocks(page.read_text(encoding="utf-8"))
        texts += [one.body for one in found if one.body.startswith("staffing:")]
    return [plain(read(text, "p")) for text in sorted(texts, key=lambda one: (len(one), one))]


@lru_cache(maxsize=2)
def page(language: Language = POLICY) -> str:
    """Return the file."""
    return json.dumps(schema(language), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for made, paths in ((POLICY, FILES), (STAFFING, STAFFING_FILES)):
        for path in paths:
            path.write_text(page(made), encoding="utf-8")
