"""The page of the benchmarks shows the figures of the latest whole run, and nothing else."""

from benchmarks.page import LATEST, PAGE, page


def test_page_is_made_of_the_latest_whole_run() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), f"made by `make bench` from {LATEST.name}"
