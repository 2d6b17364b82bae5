import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tierlane.stream.profile_store import OLDEST, LoadedProfiles, open_store

Open = Callable[[], LoadedProfiles]


@pytest.fixture(params=["memory", "rocksdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LoadedProfiles]:
    if request.param == "rocksdb":
        pytest.importorskip("rocksdict")
    found = open_store(request.param, tmp_path, "d1", 0)
    yield found
    found.close()


def test_the_latest_value_counts_and_none_deletes(store: LoadedProfiles) -> None:
    store.put("u", 3, b"three")
    store.put("u", 5, b"five")
    assert store.get("u") == (5, b"five")
    store.put("u", 6, None)
    assert store.get("u") is None
    assert store.get("v") is None


def test_an_older_offset_changes_nothing_not_even_after_a_deletion(store: LoadedProfiles) -> None:
    store.put("u", 5, b"five")
    store.put("u", 4, b"four")
    store.put("u", 5, b"again")
    assert store.get("u") == (5, b"five")
    store.put("u", 7, None)
    store.put("u", 6, b"six")
    assert store.get("u") is None


def test_what_was_read_never_goes_backward(store: LoadedProfiles) -> None:
    assert store.next_offset() == 0
    store.read_to(9)
    store.read_to(4)
    assert store.next_offset() == 9


@pytest.fixture
def rocks(tmp_path: Path) -> Open:
    pytest.importorskip("rocksdict")
    return lambda: open_store("rocksdb", tmp_path, "d1", 3)


def test_on_disk_it_outlives_the_process(rocks: Open) -> None:
    first = rocks()
    first.put("u", 1, b"one")
    first.put("w", 2, None)
    first.read_to(3)
    first.close()
    second = rocks()
    assert second.get("u") == (1, b"one")
    assert second.next_offset() == 3
    second.put("w", 1, b"older than its deletion")
    assert second.get("w") is None
    second.close()


def test_a_folder_that_slept_longer_than_deletions_are_kept_is_read_anew(
    rocks: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = rocks()
    first.put("u", 1, b"one")
    first.read_to(2)
    first.close()
    later = time.time() + OLDEST + 60
    monkeypatch.setattr("tierlane.stream.profile_store.time.time", lambda: later)
    second = rocks()
    assert second.next_offset() == 0
    assert second.get("u") is None
    second.close()
