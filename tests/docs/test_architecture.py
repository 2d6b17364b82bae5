"""The page of the architecture names modules that there are, and the folders in their order."""

import re
import tomllib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PAGE = Path("docs/concepts/architecture.md").read_text(encoding="utf-8")
SETTINGS = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = SETTINGS["tool"]["importlinter"]["contracts"]


def module(name: str) -> bool:
    """Whether it is a module, or a class that one of them defines."""
    above, _, last = name.rpartition(".")
    return hasattr(import_module(above), last) if last.istitle() else find_spec(name) is not None


def test_modules_that_are_named_are_there():
    named = set(re.findall(r"`(tierlane\.[a-z_.]+[a-zA-Z_]+)`", PAGE)) - {"tierlane.intake.state"}
    assert len(named) > 20
    assert [name for name in sorted(named) if not module(name)] == []


def test_folders_of_a_policy_stand_in_the_order_of_the_contract():
    (inside,) = (one for one in CONTRACTS if one.get("containers") == ["tierlane.policy"])
    assert re.findall(r"^\| `([a-z]+)` \|", PAGE, flags=re.MULTILINE) == inside["layers"]


def test_layers_are_drawn_as_in_the_contract_on_both_pages():
    (drawn,) = re.findall(r"^```text\ncli\n.*?^```", PAGE, flags=re.DOTALL | re.MULTILINE)
    assert drawn in Path("CONTRIBUTING.md").read_text(encoding="utf-8")
    (whole,) = (one for one in CONTRACTS if one.get("containers") == ["tierlane"])
    for layer in whole["layers"]:
        parts = re.findall(r"[a-z]+", layer.replace("__main__", ""))
        if parts:
            assert any(set(parts) <= set(re.findall(r"[a-z]+", one)) for one in drawn.split("\n"))
