"""The policies that come with the package, as text and as a file beside the events they serve."""

from importlib.resources import files
from pathlib import Path

from tierlane.errors import UsageError


def pack(name: str) -> str:
    """Return the text of a policy that comes with the package."""
    return (files("tierlane.policy") / "packs" / f"{name}.yaml").read_text(encoding="utf-8")


def packs() -> tuple[str, ...]:
    """Return the names of the policies that come with the package."""
    found = (files("tierlane.policy") / "packs").iterdir()
    names = (one.name.removesuffix(".yaml") for one in found if one.name.endswith(".yaml"))
    return tuple(sorted(names))


def description(name: str) -> str:
    """Return what a pack is for: the first line of the comment at its head."""
    return pack(name).partition("\n")[0].removeprefix("#").strip()


def write_pack(name: str, path: Path) -> None:
    """Write a policy to a file; raises OSError."""
    path.write_text(pack(name), encoding="utf-8")


def staffing() -> str:
    """Return the staffing file of the sample's advisors."""
    return (files("tierlane.sample") / "staffing.yaml").read_text(encoding="utf-8")


def spare(text: str, path: Path) -> None:
    """Raise UsageError where writing a text would overwrite one that somebody changed."""
    if path.exists() and path.read_text(encoding="utf-8") != text:
        raise UsageError(
            f"`{path}` was changed and would be lost",
            hint="give another folder, or --force to overwrite it",
        )
