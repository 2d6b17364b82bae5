"""In which order lanes are offered to several duties at once: round by round."""

from collections.abc import Sequence

from tierlane.policy.form.desk import Duty, DutyLane


def rounds(duties: Sequence[Duty]) -> tuple[tuple[tuple[str, str], ...], ...]:
    """Return duty and lane per round: round k offers each duty's k-th lane by rank.

    Equal ranks keep the order in which they are written.
    """
    ranked = [[lane.lane for lane in sorted(duty.lanes, key=_rank)] for duty in duties]
    longest = max(map(len, ranked), default=0)
    return tuple(
        tuple(
            (duty.name, lanes[number])
            for duty, lanes in zip(duties, ranked, strict=True)
            if number < len(lanes)
        )
        for number in range(longest)
    )


def _rank(lane: DutyLane) -> int:
    return lane.rank
