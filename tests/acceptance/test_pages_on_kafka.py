"""The pages that need a broker are run on the broker of the tests, as a reader would."""

import asyncio
from pathlib import Path

import pytest

from tests.broker.log import Log
from tests.conftest import Broker
from tests.docs.page import Page, name, pages_that_run, read
from tests.docs.snippet import blocks

PREFIX = "try."
"""What the pages say to put before every topic of a first try."""


@pytest.mark.parametrize("path", pages_that_run(on_kafka=True), ids=name)
def test_page_runs_on_kafka(path: Path, kafka: Broker, tmp_path: Path) -> None:
    try:
        with Page(tmp_path, kafka.address) as page:
            for block in blocks(read(path)):
                page.take(block)
    finally:
        asyncio.run(Log(kafka.address, PREFIX, kafka.transactional).delete())
