"""How long a record is kept, in calendar years or elapsed time."""

from datetime import UTC, datetime


def until(now: int, years: int, ms: int) -> int:
    """Return the later of `now` plus calendar years and `now` plus milliseconds.

    The 29th of February is followed by the 1st of March, so nothing is kept too short.
    """
    moment = datetime.fromtimestamp(now // 1000, UTC)
    year = min(moment.year + years, 9999)
    try:
        later = moment.replace(year=year)
    except ValueError:
        later = moment.replace(year=year, month=3, day=1)
    return max(int(later.timestamp()) * 1000 + now % 1000 if years else now, now + ms)
