"""When a message is tried again. Pure: the numbers of the past, the error, now and chance in; when, or dead, out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from msg_sender.reason import Reason, because

#: Ceiling of the first delay; it doubles with each attempt up to the longest.
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=2)
#: A provider that is down over a long weekend still gets everything.
GIVE_UP_AFTER = timedelta(days=4)
#: A provider may ask for more than our own delay, but not hold us for ever.
LONGEST_ASKED = timedelta(hours=1)
#: What replaces an earlier message waits for that one until it had its longest delay, and time to be sent then.
PATIENCE = 2 * LONGEST
_SHORTEST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)
#: A message that breaks our own code, or takes the process with it, is not worth days.
MAX_BREAKDOWNS = 5
#: Doubling beyond this exceeds LONGEST anyway; it keeps the shift small.
_MAX_DOUBLINGS = 16
#: No clamp lets more than this through; it keeps a provider's nonsense from overflowing.
_MAX_ASKED_SECONDS = 86_400.0

Random = Callable[[], float]


@dataclass(frozen=True)
class Failure:
    """`permanent` and `retry_after` (seconds) as the channel said. `breakdown`: our own code failed, or the process."""

    reason: Reason
    permanent: bool = False
    retry_after: float | None = None
    breakdown: bool = False


@dataclass(frozen=True)
class Again:
    """Try again at `at`."""

    at: datetime


@dataclass(frozen=True)
class Dead:
    """Not again, unless somebody replays it. `reason` says why."""

    reason: Reason


def after(
    failure: Failure, attempts: int, breakdowns: int, since: datetime, now: datetime, random: Random
) -> Again | Dead:
    """What follows the `attempts`th attempt, `breakdowns` of them in a row having broken down, first tried `since`."""
    if failure.permanent:
        return Dead(failure.reason)
    if failure.breakdown and breakdowns >= MAX_BREAKDOWNS:
        times = because("{times} times in a row", code="times-in-a-row", times=breakdowns)
        return Dead(failure.reason.then(times))
    at = now + delay(attempts, failure.retry_after, random())
    if at - since > GIVE_UP_AFTER:
        hours = round((now - since).total_seconds() / 3600)
        said = "given up after {attempts} attempts in {hours} h"
        return Dead(failure.reason.then(because(said, code="given-up", attempts=attempts, hours=hours)))
    return Again(at)


def delay(attempts: int, retry_after: float | None, chance: float) -> timedelta:
    """Full jitter: a random part (`chance`, 0 to 1) of a ceiling that doubles; what the provider asked counts within
    [the delay, the larger of twice the delay and an hour]."""
    doublings = max(0, min(attempts - 1, _MAX_DOUBLINGS))
    own = chance * min(FIRST * (1 << doublings), LONGEST)
    if retry_after is None or not math.isfinite(retry_after):
        return own
    asked = timedelta(seconds=min(max(retry_after, 0.0), _MAX_ASKED_SECONDS))
    return max(own, min(asked, max(2 * own, LONGEST_ASKED)))


def behind(since: datetime, now: datetime) -> timedelta | None:
    """Until when to look again whether the earlier message is through; None when that took too long."""
    waited = now - since
    return None if waited > PATIENCE else min(max(waited / 4, _SHORTEST_WAIT), _LONGEST_WAIT)
