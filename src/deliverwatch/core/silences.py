"""A silence: for a while nobody hears of some events, by the word of a person, and all is tracked as ever.

What would have been sent meanwhile is kept (`NotificationState.SILENCED`), with the silence it fell under. When the
silence is over, each reader is told the difference between what they were told and what is true then, and no more: a
listing that opened and is still open is told; one that came and went is not; an end is told to whoever was told of the
beginning. A silence ends by itself, after 30 days at most, or by hand.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from deliverwatch.core.routing import Family

LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Silence:
    """What it covers: all that fits every field that is set. `subject`: an address, a range or a domain. `place`: the
    id of a list or of a mailbox provider. `ended_at`: ended by hand before `until_at`; `settled_at`: when what was left
    to tell was told."""

    id: str
    begins_at: datetime
    until_at: datetime
    by: str
    reason: str
    customer: str | None = None
    subject: str | None = None
    place: str | None = None
    family: Family | None = None
    ended_at: datetime | None = None
    settled_at: datetime | None = None

    def is_on(self, now: datetime) -> bool:
        return self.begins_at <= now < (self.ended_at or self.until_at)
