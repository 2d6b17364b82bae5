"""The glossary is law: what it says a thing is never called, the code and the pages do not call it.

The forbidden words are read from the third column of the tables in `docs/glossary.md`. They are
looked for in every name that `src/` defines and in the prose of README and docs. A word that means
something else in its place is let through by name, with the reason beside it.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"

NAMES: dict[str, str] = {
    "account_team": "the field of a business customer's profile, as CRMs have it",
    "session_timeout": "the time-out of a Kafka group's member, by Kafka's name",
    "session_timeout_ms": "the same, as aiokafka spells it",
    "broker_session_timeout": "the same, as Faust spells it",
    "log": "the process's own log, where a person looks for faults",
    "logger": "the same",
    "log_level": "how much of it is written",
    "level": "of a membership programme, the customer's own word (`membership.level`)",
    "service_level": "the measure of the trade, by its own name",
    "model_config": "the attribute's name is pydantic's",
    "result": "what an awaited coroutine or a subprocess hands back",
    "results": "the same, of several",
}
"""Names that are let through everywhere."""

NAMES_IN: dict[str, dict[str, str]] = {
    "policy/": {
        "Call": "a node of a CEL expression: a function that is called",
        "_call": "what emits such a node",
        "_calls": "how each function is emitted",
        "call": "such a node",
    },
    "replay/memory.py": {"MemoryLog": "Kafka's log, held in memory"},
    "replay/simulation/distribution.py": {"LogNormal": "the distribution's name"},
    "policy/trial/trying.py": {"Result": "of a case: passed or failed"},
    "policy/form/case.py": {"team": "of an advisor, as the language has it (`advisor.team`)"},
    "advisor.py": {"team": "of an advisor, as the language has it (`advisor.team`)"},
    "cli/policy/test.py": {"_show_results": "of cases"},
    "cli/": {"config": "the file of settings, as the flag that names it"},
    "stream/": {
        "_agent": "Faust's stream processor",
        "_configs": "the settings of a topic, by Kafka's name for them",
        "configs": "the same",
        "config": "the same",
    },
}
"""Names that are let through in one folder or file of the package."""

PHRASES: dict[str, str] = {
    r"never called|are \*\*not\*\* called": "the glossary speaks of its own third column",
    r"call cent(er|re)s?": "a kind of firm, in the titles of sources and the name of a data set",
    r"account teams?": "who looks after a business customer: the field of its profile",
    r"call-?backs?": "a promise to ring the customer, a thing of its own",
    r"(is|are|be|was|been|we|not|what \w+|they|it) call(s|ed)?\b": "a thing is called by a name",
    r"calls? (it|itself|them|for|by|the|its|make|each|setup)\b": "a program calls; so does need",
    r"telephone calls?|calls? (in|of) (January|February|1999|a bank|the bank)|64,943 calls": (
        "what the bank's log counts: on its one channel every contact was a telephone call"
    ),
    r"(system|function|library) calls?": "of programs",
    r"session (time-?outs?|timeout)|session_timeout|group'?s? session": "Kafka's group membership",
    r"(membership|log|card) level|level of (a|the) membership": "the customer's programme, the log",
    r"(commit|append|transaction|change|process|event|own|bank's|'s own|recorded|public|structured|"
    r"Kafka|undo|the|its|whose|a|and) logs?\b|logs? (line|file|record|append|level)s?|"
    r"LogAppendTime": ("Kafka's log, a bank's log of contacts, the process's own log"),
    r"memory class|equivalence class(es)?|class(es)? of (the|a|error|values)|subclass(es)?": (
        "of Python, of values"
    ),
    r"Faust('s)? agents?|agents? (of|in) Faust|an agent's": "Faust's stream processor",
    r"service levels?": "the measure of the trade, by its own name",
    r"exit code|as a result": "plain English",
    r"[Aa]n intent is|intent/": "the glossary tells intent and scenario apart",
    r"service account|account for|on account of|takes? into account": "plain English",
}


def words_of(cell: str) -> list[str]:
    return [word.strip() for word in cell.split(",") if word.strip() not in {"", "—"}]


@cache
def rows() -> list[tuple[str, str, tuple[str, ...]]]:
    found = []
    for line in GLOSSARY.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == 3 and cells[0] not in {"word", "---", "measure"}:
            found.append((cells[0], cells[1], tuple(words_of(cells[2]))))
    return found


@cache
def forbidden() -> dict[str, str]:
    """Return each forbidden word and the one to use instead."""
    return {never: word for word, _, nevers in rows() for never in nevers}


def parts(name: str) -> list[str]:
    """Split `contactSession_id` into its words, lower-case and singular."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)
    return [re.sub(r"(?<=[a-z]{2})s$", "", word.lower()) for word in words]


def defined(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.lineno, node.name
            case ast.arg():
                yield node.lineno, node.arg
            case ast.Name(ctx=ast.Store()):
                yield node.lineno, node.id
            case ast.Attribute(value=ast.Name(id="self"), ctx=ast.Store()):
                yield node.lineno, node.attr


def let_through(path: str) -> set[str]:
    """Return the names that a file of the package, by its path in it, may define."""
    found = set(NAMES)
    for place, names in NAMES_IN.items():
        if path.startswith(place):
            found |= set(names)
    return found


def name_faults(source: str, path: str = "") -> list[str]:
    allowed = let_through(path)
    faults = []
    for line, name in defined(ast.parse(source)):
        if name in allowed or name.startswith("__"):
            continue
        split = " ".join(parts(name))
        for never, word in forbidden().items():
            if re.search(rf"(?:^| ){never}(?: |$)", split):
                faults.append(f"{line}: `{name}`: say {word}, not {never}")
    return faults


def prose(text: str) -> str:
    """Blank out code, links' targets, the glossary's third column and what PHRASES lets through."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0])  # noqa: E731  keeps the line numbers
    text = re.sub(r"^```.*?^```", blank, text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"``[^`]+``|`[^`]+`", blank, text)
    text = re.sub(r"\]\([^)]*\)", blank, text)
    for phrase in PHRASES:
        spaced = phrase.replace(" ", r"\s+")
        text = re.sub(rf"(?<![\w-])(?:{spaced})(?![\w-])", blank, text, flags=re.IGNORECASE)
    return text


def prose_faults(text: str) -> list[str]:
    faults = []
    for number, line in enumerate(prose(text).splitlines(), start=1):
        for never, word in forbidden().items():
            if re.search(rf"(?<![\w-]){never}(?:s|es)?(?![\w-])", line, flags=re.IGNORECASE):
                faults.append(f"{number}: say {word}, not {never}: {line.strip()}")
    return faults


def source_files() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_glossary_holds_the_words_that_matter() -> None:
    words = {word for word, _, _ in rows()}
    assert {"contact", "profile", "tier", "scenario", "lane", "desk", "advisor", "plan"} <= words
    assert {"offer", "policy", "revision", "rule", "decision", "audit record", "replay"} <= words
    assert {"call", "ticket", "session", "account", "class", "agent group"} <= set(forbidden())
    assert all(meaning for _, meaning, _ in rows())


def test_no_word_is_both_used_and_forbidden() -> None:
    assert not {word for word, _, _ in rows()} & set(forbidden())


@pytest.mark.parametrize(
    "measure",
    [
        "service level",
        "abandonment",
        "occupancy",
        "mean wait",
        "worst wait",
        "promise kept",
    ],
)
def test_each_measure_has_a_formula(measure: str) -> None:
    text = GLOSSARY.read_text(encoding="utf-8")
    assert re.search(rf"^\| {measure} \| [^|]*[/*]?[^|]+ \| [^|]+ \|$", text, flags=re.MULTILINE)


@pytest.mark.parametrize("path", source_files(), ids=relative)
def test_names_in_the_code_are_the_glossarys(path: Path) -> None:
    within = path.relative_to(ROOT / "src" / "tierlane").as_posix()
    faults = name_faults(path.read_text(encoding="utf-8"), within)
    assert not faults, f"{relative(path)}: {faults}"


@pytest.mark.parametrize("path", [path for path in pages() if path != GLOSSARY], ids=relative)
def test_words_on_the_pages_are_the_glossarys(path: Path) -> None:
    faults = prose_faults(path.read_text(encoding="utf-8"))
    assert not faults, f"{relative(path)}: {faults}"


@pytest.mark.parametrize(
    "code",
    [
        "def take_call(): ...",
        "class Workflow: ...",
        "open_tickets = 3",
        "def f(agent_group): ...",
        "customerSession = 1",
    ],
)
def test_a_forbidden_name_is_found(code: str) -> None:
    assert name_faults(code)


@pytest.mark.parametrize("code", ["callback = 1", "def f(session_timeout): ...", "classify = 2"])
def test_a_name_that_means_something_else_is_not(code: str) -> None:
    assert not name_faults(code)


def test_a_forbidden_word_in_prose_is_found_and_code_is_not() -> None:
    assert prose_faults("The ticket waits for an agent.") == [
        "1: say contact, not ticket: The ticket waits for an agent.",
        "1: say advisor, not agent: The ticket waits for an agent.",
    ]
    assert not prose_faults("Set `session_timeout`; it is called so by Kafka.")
