"""What is due: computed from the ledger and the clocks, never from memory of having been woken.

Interval jobs (scans) are due when the ledger's last start, whoever made it, and the monotonic time since our own are
both long enough ago. So a step of the wall clock forward repeats nothing, one backward silences nothing for longer
than an interval (a last start in the future counts as long ago), and several workers ask no more often than one.

Calendar jobs (reports) are due at an instant chosen in a local zone and kept in UTC; a slot already in the ledger stays
done whatever the clock does.
"""

from datetime import datetime, timedelta


def interval_due(
    every: timedelta, now: datetime, last_started_at: datetime | None, since_last_start: timedelta | None
) -> bool:
    """`last_started_at`: by anybody, as the ledger has it. `since_last_start`: monotonic, None when this process has
    not started it yet."""
    by_the_ledger = last_started_at is None or last_started_at > now or now - last_started_at >= every
    return by_the_ledger and (since_last_start is None or since_last_start >= every)
