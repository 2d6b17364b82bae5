"""Nothing is shown that is not run: the blocks of README and docs, page by page."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs import snippet
from tests.docs.snippet import Block, agrees, blocks, commands

BROKER_ON_THE_PAGE = "127.0.0.1:9092"
COMMAND_SECONDS = 90


def name(path: Path) -> str:
    return path.relative_to(snippet.ROOT).as_posix()


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def with_blocks(*, on_kafka: bool) -> list[Path]:
    return [
        path
        for path in snippet.pages()
        if (taken := [block for block in blocks(read(path)) if block.runs or block.file])
        and any(block.on_kafka for block in taken) == on_kafka
    ]


class Page:
    """One page's blocks, run in order in one folder."""

    def __init__(self, folder: Path, broker: str | None = None) -> None:
        self.folder = folder
        self.broker = broker
        self.names: dict[str, Any] = {"__name__": "page"}
        self.environment = {
            "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
            "HOME": str(folder),
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def take(self, block: Block) -> None:
        if block.file:
            self.write(block)
        elif block.runs and block.language == "console":
            self.run(block)
        elif block.runs and block.language == "python":
            exec(compile(block.body, f"<block at {block.line}>", "exec"), self.names)

    def write(self, block: Block) -> None:
        path = self.folder / str(block.file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.body, encoding="utf-8")
        if re.search(r"^tierlane: \d", block.body, flags=re.MULTILINE):
            for words in (("policy", "check"), ("policy", "test")):
                code, output = self.shell(f"tierlane {' '.join(words)} {block.file}")
                assert code == 0, f"line {block.line}: {output}"

    def run(self, block: Block) -> None:
        code = 0
        for command, shown in commands(block.body):
            code, output = self.shell(command)
            assert agrees(shown, output), (
                f"line {block.line}: `{command}`\n--- shown\n{shown}\n--- got ({code})\n{output}"
            )
        assert code == block.exit_code, f"line {block.line}: ended with {code}"

    def shell(self, command: str) -> tuple[int, str]:
        if self.broker:
            command = command.replace(BROKER_ON_THE_PAGE, self.broker)
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=COMMAND_SECONDS,
        )
        output = done.stdout
        if self.broker:
            output = output.replace(self.broker, BROKER_ON_THE_PAGE)
        return done.returncode, output


@pytest.mark.parametrize("path", with_blocks(on_kafka=False), ids=name)
def test_page_runs(path: Path, tmp_path: Path) -> None:
    page = Page(tmp_path)
    for block in blocks(read(path)):
        page.take(block)


@pytest.mark.parametrize("path", snippet.pages(), ids=name)
def test_every_block_runs_or_says_why_not(path: Path) -> None:
    text = read(path)
    assert len(blocks(text)) == snippet.fences(text), "a block is not closed, or names no language"
    for block in blocks(text):
        where = f"line {block.line}"
        assert block.language in snippet.MUST_BE_MARKED | snippet.FREE, where
        if block.language in snippet.MUST_BE_MARKED:
            assert re.match(r"run|file: \S|not run: \S", block.mark), f"{where}: no mark"


@pytest.mark.parametrize("path", snippet.pages(), ids=name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in links(read(path)):
        file, _, anchor = target.partition("#")
        found = path if not file else Path(os.path.normpath(path.parent / file))
        assert found.exists(), f"`{target}` leads nowhere"
        if anchor and found.suffix == ".md":
            assert anchor in anchors(read(found)), f"`{target}` names no heading"


def links(text: str) -> Iterator[str]:
    without_code = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize(
    ("shown", "got", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a ... c", "a 12 c", True),
        ("a ... c", "a 1\n2 c", False),
        ("a\n...\nz", "a\n1\n2\nz", True),
        ("a\n...\nz", "a\nz", True),
        ("a\n...", "a\n1\n2", True),
        ("a", "b", False),
        ("", "something", False),
        ("...", "something\nelse", True),
    ],
)
def test_expected_output_is_compared(shown: str, got: str, same: bool) -> None:
    assert agrees(shown, got) is same


def test_commands_and_what_is_shown_under_them() -> None:
    assert commands("$ echo a\na\n$ cat <<E\n> x\n> E\nx\n") == [
        ("echo a", "a"),
        ("cat <<E\nx\nE", "x"),
    ]


def test_a_wrong_page_is_found(tmp_path: Path) -> None:
    (block,) = blocks("<!-- run -->\n```console\n$ echo yes\nno\n```\n")
    with pytest.raises(AssertionError, match="echo yes"):
        Page(tmp_path).take(block)


def test_a_wrong_exit_code_is_found(tmp_path: Path) -> None:
    (block,) = blocks("<!-- run, exit 1 -->\n```console\n$ true\n```\n")
    with pytest.raises(AssertionError, match="ended with 0"):
        Page(tmp_path).take(block)
