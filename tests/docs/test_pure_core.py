"""The core asks nothing of the machine: no file, environment, clock, chance or log.

import-linter holds the imports of packages; this holds what an import of `datetime` or a builtin
would let through, and that the list of the core in `pyproject.toml` is whole.
"""

import ast
import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.policy.writing import policy
from tierlane.policy.compiling.compile import compile_policy
from tierlane.policy.condition.slot import Slot
from tierlane.policy.deciding import sorter
from tierlane.policy.deciding.layout import Layout

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "tierlane"
RIM = {"__main__.py", "cli", "stream", "replay", "sample", "console"}
"""What may do I/O; everything else is core, so that a new module is core until it is named here."""

BUILTINS = {"open", "input", "print", "exec", "eval", "__import__", "breakpoint"}
CLOCKS = {"now", "today", "utcnow", "time", "time_ns", "monotonic", "perf_counter"}
CLOCK_OWNERS = {"datetime", "date", "time"}
STATEFUL_MODULES = {"os", "io", "pathlib", "random", "secrets", "uuid", "time", "socket", "sys"}
STATEFUL_MODULES |= {"asyncio", "threading", "subprocess", "logging", "tempfile", "locale"}
MADE = {"policy/deciding/sorter.py": "exec"}
"""Modules that write code and run it: what they write is held to the same law, see the tests."""
FILE_METHODS = {"read_text", "write_text", "read_bytes", "write_bytes", "getenv", "urandom"}


def core_files() -> list[Path]:
    return sorted(
        path
        for path in PACKAGE.rglob("*.py")
        if path.relative_to(PACKAGE).parts[0] not in RIM and path != PACKAGE / "__init__.py"
    )


def faults(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 0)
        match node:
            case ast.Import(names=names):
                for name in names:
                    if name.name.split(".")[0] in STATEFUL_MODULES:
                        yield f"{line}: imports {name.name}"
            case ast.ImportFrom(module=str(module), level=0):
                if module.split(".")[0] in STATEFUL_MODULES:
                    yield f"{line}: imports from {module}"
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS:
                yield f"{line}: calls {name}()"
            case ast.Call(func=ast.Attribute(value=ast.Name(id=owner), attr=name)) if (
                owner in CLOCK_OWNERS and name in CLOCKS
            ):
                yield f"{line}: reads the clock by {owner}.{name}()"
            case ast.Attribute(attr=name) if name in FILE_METHODS:
                yield f"{line}: uses {name}"


@pytest.mark.parametrize(
    "path", core_files(), ids=lambda path: path.relative_to(PACKAGE).as_posix()
)
def test_core_module_asks_nothing_of_the_machine(path: Path) -> None:
    found = list(faults(ast.parse(path.read_text(encoding="utf-8"))))
    made = MADE.get(path.relative_to(PACKAGE).as_posix())
    found = [one for one in found if made is None or not one.endswith(f"calls {made}()")]
    assert not found, f"{path.relative_to(ROOT)}: {found}"


@pytest.mark.parametrize(
    "code",
    [
        "import os",
        "from pathlib import Path",
        "from os.path import join",
        "open('x')",
        "datetime.now(UTC)",
        "date.today()",
        "time.time()",
        "import random",
        "files('tierlane').joinpath('x').read_text()",
    ],
)
def test_each_way_out_is_seen(code: str) -> None:
    assert list(faults(ast.parse(code)))


@pytest.mark.parametrize("pack", sorted((PACKAGE / "policy" / "packs").glob("*.yaml")), ids=str)
def test_what_the_core_writes_and_runs_asks_nothing_either(
    pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = texts_run(pack.read_text(encoding="utf-8"), monkeypatch)
    assert texts
    for text in texts:
        tree = ast.parse(text)
        assert not list(faults(tree))
        called = {
            node.func.id
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        own = {name for name in called if re.fullmatch(r"[kr][0-9]+", name)}
        assert called - own <= {"type", "isinstance", "get", "parse", "bisect_right"}


def test_a_hostile_name_of_a_field_stays_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "x') or exec('raise SystemExit') or get('"
    rows = (
        f'{{fact: f, default: no, table: {{on: ["contact.attributes.{name}"], rows: [[a, yes]]}}}}'
    )
    text = policy(f"facts: [{rows}]\n", fields=f'fields: {{"contact.attributes.{name}": text}}\n')
    (*_, written) = texts_run(text, monkeypatch)
    assert repr(name) in written
    assert not list(faults(ast.parse(written)))
    decision = compile_policy(text, "hostile.yaml").decide(
        {"contact_id": "k", "channel": "chat", "attributes": {name: "a"}}, None, None, 0
    )
    assert dict(decision.outcome.facts) == {"f": "yes"}


def texts_run(text: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is written and run when a policy is compiled."""
    texts: list[str] = []
    write = sorter.written

    def kept(layout: Layout, slots: Sequence[Slot]) -> str:
        texts.append(write(layout, slots))
        return texts[-1]

    monkeypatch.setattr(sorter, "written", kept)
    compile_policy(text, "policy.yaml")
    monkeypatch.undo()
    return texts


def test_import_contract_names_every_core_module() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
        "importlinter"
    ]["contracts"]
    (named,) = [
        contract["source_modules"] for contract in contracts if "source_modules" in contract
    ]
    modules = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in core_files()}
    assert set(named) == {f"tierlane.{module}" for module in modules}
