"""The output of the demonstration, as README and tutorial show it.

python -m tests.docs.demo_block     runs `tierlane demo` and writes its output into both pages

The sample is seeded and the decisions follow from it, so the table and the sentences are the same
in every run; only the rate is not, and stands as `...`.
"""

import re
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from tests.docs.snippet import ROOT
from tests.worker import COMMAND

MARK: Final = "<!-- demo -->\n```console\n$ make demo\n"
PAGES: Final = {"README.md": ("priority",), "docs/tutorial/demo.md": ()}
"""Pages, and of which kinds of lane a decision is told there; none named: of all."""
SECONDS: Final = 120


def run(folder: Path) -> str:
    """Run the demonstration in a folder and return what it wrote to stdout."""
    done = subprocess.run(
        [*COMMAND, "demo"],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "COLUMNS": "100", "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    if done.returncode:
        raise RuntimeError(f"the demonstration ended with {done.returncode}: {done.stderr[-500:]}")
    return done.stdout


def shown(output: str, kinds: tuple[str, ...]) -> str:
    """Return what a page shows of an output: some decisions, and no rate."""
    parts = [part.strip("\n") for part in output.split("\n\n")]
    kept = []
    for part in parts:
        asked = re.match(r"Why a (\w+) lane\?", part)
        if asked and kinds and asked[1] not in kinds:
            if kept[-1] != "...":
                kept.append("...")
            continue
        kept.append(part)
    text = "\n\n".join(kept)
    text = re.sub(r" decided in .*?/s, ", " decided in ... s, .../s, ", text)
    return "\n".join(line.rstrip() for line in text.splitlines())


def block(text: str) -> str:
    """Return the output that a page shows."""
    begin = text.index(MARK) + len(MARK)
    return text[begin : text.index("```", begin)]


def main() -> None:
    """Write the output of one run into every page."""
    with tempfile.TemporaryDirectory() as folder:
        output = run(Path(folder))
    for name, kinds in PAGES.items():
        page = ROOT / name
        text = page.read_text(encoding="utf-8")
        page.write_text(
            text.replace(MARK + block(text), f"{MARK}{shown(output, kinds)}\n"), encoding="utf-8"
        )


if __name__ == "__main__":
    main()
