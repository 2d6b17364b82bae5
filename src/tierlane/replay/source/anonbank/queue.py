"""The log's rows as waits: who stood in the queue, and who took whom."""

from collections.abc import Iterable, Iterator

from tierlane.replay.discovery.wait import Wait
from tierlane.replay.source.anonbank.row import Row


def waits(rows: Iterable[Row]) -> Iterator[Wait]:
    """Yield the wait of each caller who queued; the kind is the call's type.

    A caller counts as taken when service began, by the server's name.
    """
    for row in rows:
        course = row.course
        if course.queue is None:
            continue
        since, until = (one.timestamp() for one in course.queue)
        served = course.answered is not None and course.server is not None
        yield Wait(
            contact=f"{row.line}-{row.number}",
            day=f"{row.at:%Y-%m-%d}",
            since=since,
            until=until,
            priority=1 if row.priority == 2 else 0,  # 0 stands where none was recorded
            kind=row.kind,
            taken_by=course.server or "" if served else "",
            taken=course.answered.timestamp() if served and course.answered else None,
        )
