"""What is published is the wheel, so the wheel is what is tried: built, installed apart, run.

Nothing is downloaded: the new environment sees the packages of the running one by a path file, and
tierlane itself only from the wheel.
"""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

import tierlane

ROOT = Path(__file__).parents[2]


def run(*words: str | Path, cwd: Path) -> str:
    done = subprocess.run(words, cwd=cwd, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "wheel")
    alone = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", folder)
    run(*pip, *alone, ROOT, cwd=folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of programs of an environment that has the wheel."""
    home = tmp_path_factory.mktemp("environment")
    venv.create(home, with_pip=False)
    python = home / "bin" / "python"
    pip = (sys.executable, "-m", "pip", "-q", "--disable-pip-version-check", "--python", python)
    run(*pip, "install", "--no-deps", "--no-index", wheel, cwd=home)
    (site,) = home.glob("lib/python*/site-packages")
    # A folder that a path file names is searched last, and path files in it are not read: the
    # editable install of the running environment stays out.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python.parent


def test_wheel_holds_types_packs_topics_and_licence(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert "tierlane/py.typed" in names
    assert "tierlane/policy/packs/sample.yaml" in names
    assert "tierlane/topics/contact.events.yaml" in names
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_wheel_holds_nothing_but_the_package(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert tops == {"tierlane", f"tierlane-{tierlane.__version__}.dist-info"}


def test_installed_package_is_the_wheels(programs: Path, tmp_path: Path) -> None:
    found = run(
        programs / "python", "-c", "import tierlane; print(tierlane.__file__)", cwd=tmp_path
    )
    assert Path(found.strip()).is_relative_to(programs.parent)


def test_installed_command_says_its_version(programs: Path, tmp_path: Path) -> None:
    said = run(programs / "tierlane", "--version", cwd=tmp_path)
    assert tierlane.__version__ in said


def test_installed_command_checks_the_sample_policy(programs: Path, tmp_path: Path) -> None:
    run(programs / "tierlane", "sample", "--out", "try", "--contacts", "50", cwd=tmp_path)
    run(programs / "tierlane", "policy", "check", "try/policy.yaml", cwd=tmp_path)
    run(programs / "tierlane", "policy", "test", "try/policy.yaml", cwd=tmp_path)


def test_installed_command_finds_its_topics(programs: Path, tmp_path: Path) -> None:
    code = "from tierlane.stream.catalogue import catalogue; print(*catalogue())"
    assert "contact.events" in run(programs / "python", "-c", code, cwd=tmp_path).split()
