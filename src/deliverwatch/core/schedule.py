"""What is due: computed from the ledger and the clocks, never from memory of having been woken.

Interval jobs (scans) count monotonic time since their last start while the process lives, so that a step of the wall
clock neither silences nor repeats them; after a restart the wall clock decides, and a last start in the future counts
as due. Calendar jobs (reports) are due at an instant chosen in a local zone and kept in UTC; a slot already in the
ledger stays done whatever the clock does.
"""

from datetime import datetime, timedelta


def interval_due(
    every: timedelta, now: datetime, last_started_at: datetime | None, since_last_start: timedelta | None
) -> bool:
    """`since_last_start`: monotonic, None when this process has not started it yet."""
    if since_last_start is not None:
        return since_last_start >= every
    return last_started_at is None or last_started_at > now or now - last_started_at >= every
