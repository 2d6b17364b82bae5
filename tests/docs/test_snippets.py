"""Nothing is shown that is not run: the blocks of README and docs, page by page."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs import snippet
from tests.docs.page import Page, name, pages_that_run, read
from tests.docs.snippet import agrees, blocks, commands


@pytest.mark.parametrize("path", pages_that_run(on_kafka=False), ids=name)
def test_page_runs(path: Path, tmp_path: Path) -> None:
    with Page(tmp_path) as page:
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
            assert re.match(r"run|demo$|file: \S|not run: \S", block.mark), f"{where}: no mark"


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
    with Page(tmp_path) as page, pytest.raises(AssertionError, match="echo yes"):
        page.take(block)


def test_a_wrong_exit_code_is_found(tmp_path: Path) -> None:
    (block,) = blocks("<!-- run, exit 1 -->\n```console\n$ true\n```\n")
    with Page(tmp_path) as page, pytest.raises(AssertionError, match="ended with 0"):
        page.take(block)


def test_what_a_page_exports_holds_for_what_follows(tmp_path: Path) -> None:
    (block,) = blocks("<!-- run -->\n```console\n$ export A=1\n$ echo $A\n1\n```\n")
    with Page(tmp_path) as page:
        page.take(block)


def test_what_a_page_leaves_running_is_ended(tmp_path: Path) -> None:
    text = "<!-- run in the background, exit 143 -->\n```console\n$ exec sleep 60\n```\n"
    with Page(tmp_path) as page:
        page.take(blocks(text)[0])
        (process, _) = page.running[0]
    assert process.poll() is not None
