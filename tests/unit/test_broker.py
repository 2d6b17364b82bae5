"""What the tests ask of a machine before they run real Kafka on it."""

from pathlib import Path

import pytest

from tests.broker import kafka


def program(folder: Path, name: str, says: str = "", code: int = 0) -> None:
    """A program that says this on stderr, as java does."""
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{says}' >&2\nexit {code}\n")
    file.chmod(0o755)


@pytest.fixture
def path(tmp_path, monkeypatch) -> Path:
    """A folder that alone is on the path; the jars are there."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(kafka, "_jars_present", lambda: True)
    return tmp_path


@pytest.mark.parametrize("version", ["17.0.15", "21-ea", "25"])
def test_java_17_and_later_run_kafka(path, version) -> None:
    program(path, "java", f'openjdk version "{version}" 2025-04-15')
    assert kafka.unavailable() == ""


@pytest.mark.parametrize(("version", "release"), [("1.8.0_392", 8), ("11.0.20", 11), ("16", 16)])
def test_an_older_java_is_named(path, version, release) -> None:
    program(path, "java", f'openjdk version "{version}" 2023-10-17')
    assert kafka.unavailable() == f"java on the path is {release}, Kafka needs 17"


@pytest.mark.parametrize(("says", "code"), [("no runtime is installed", 1), ("hello", 0)])
def test_a_java_that_does_not_tell_its_version_is_none(path, says, code) -> None:
    program(path, "java", says, code)
    assert kafka.unavailable() == "the java on the path does not tell its version"


def test_no_java_is_named(path) -> None:
    assert kafka.unavailable() == "no java on the path"


def test_maven_is_asked_for_only_to_fetch_with(path, monkeypatch) -> None:
    program(path, "java", 'openjdk version "17.0.15" 2025-04-15')
    monkeypatch.setattr(kafka, "_jars_present", lambda: False)
    assert kafka.unavailable() == "no mvn on the path to fetch Apache Kafka with"
    program(path, "mvn")
    assert kafka.unavailable() == ""
