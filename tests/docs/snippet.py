"""The code blocks of the documentation: what is marked runs, what is not says why.

A comment on the line above a block says what becomes of it. The blocks of a page are taken in
order, in one empty folder:

    <!-- file: shop.yaml -->      the block is written to that file; a policy is also checked
    <!-- run -->                  console: each `$` line is run and its output compared
                                  python: the block is run, with the names of the blocks before it
    <!-- run, exit 1 -->          the same, and the last command must end with that code
    <!-- run on kafka -->         the same, with 127.0.0.1:9092 standing for the broker of the tests
    <!-- run in the background --> started, and ended by SIGTERM when the page is done
    <!-- demo -->                 what `make demo` says; held by a test of its own
    <!-- not run: REASON -->      shown only

In an expected output `...` stands for any text, over lines when it stands alone on one.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
BLOCK: Final = re.compile(
    r"^(?:<!-- (?P<mark>[^\n]*?) -->\n)?```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)
MUST_BE_MARKED: Final = {"console", "java", "python", "yaml"}
FREE: Final = {"text", "json", "toml", "mermaid", "promql", "properties"}
"""Shown as data or pictures; nothing there can be run."""


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its mark, its language, its text and where it begins."""

    mark: str
    language: str
    body: str
    line: int

    @property
    def runs(self) -> bool:
        return self.mark.startswith("run")

    @property
    def on_kafka(self) -> bool:
        return self.mark.startswith("run on kafka")

    @property
    def in_background(self) -> bool:
        return self.runs and "in the background" in self.mark

    @property
    def exit_code(self) -> int:
        found = re.search(r"exit (\d+)", self.mark)
        return int(found[1]) if found else 0

    @property
    def file(self) -> str | None:
        return self.mark.removeprefix("file: ") if self.mark.startswith("file: ") else None


def pages() -> list[Path]:
    top = [ROOT / name for name in ("README.md", "CONTRIBUTING.md")]
    return [*top, *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(text: str) -> list[Block]:
    return [
        Block(
            mark=match["mark"] or "",
            language=match["language"],
            body=match["body"],
            line=text.count("\n", 0, match.start()) + 1,
        )
        for match in BLOCK.finditer(text)
    ]


def fences(text: str) -> int:
    """Count the blocks by their fences alone, so that one the pattern misses is noticed."""
    return len(re.findall(r"^```", text, flags=re.MULTILINE)) // 2


def commands(body: str) -> list[tuple[str, str]]:
    """Return each command of a console block with the output shown under it."""
    found: list[tuple[str, list[str]]] = []
    for line in body.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line[2:]}", [])
        elif found:
            found[-1][1].append(line)
    return [(command, "\n".join(shown)) for command, shown in found]


def agrees(shown: str, got: str) -> bool:
    """Return whether an output is what the page shows, `...` standing for anything."""
    pieces = [re.escape(piece) for piece in re.split(r"(?m)(?:^\.\.\.\n?)", plain(shown))]
    whole = r"(?:.*\n)*?.*?".join(piece.replace(r"\.\.\.", r"[^\n]*") for piece in pieces)
    return re.fullmatch(whole, plain(got)) is not None


def plain(text: str) -> str:
    """Drop blanks at the ends of lines and lines left blank at both ends."""
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
