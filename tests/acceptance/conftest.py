"""What the storms of the tests begin with."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

import storm
from storm.run import Plan
from tests.broker.kafka import unavailable

FAULTY = (sys.executable, str(Path(storm.__file__).with_name("faulty.py")))
"""A worker that takes, as its first argument, the fault to be put into it."""


@pytest.fixture
def plan(tmp_path: Path, not_run: Callable[[str], NoReturn]) -> Plan:
    """A storm of 10 kills over 50,000 contacts, in a folder of its own."""
    if reason := unavailable():
        not_run(f"needs real Apache Kafka: {reason}")
    return Plan(contacts=50_000, kills=10, seed=11, folder=tmp_path)
