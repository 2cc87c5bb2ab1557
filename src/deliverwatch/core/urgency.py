"""When a finding cannot wait: by the share of the mail to that provider which it hits.

By the worst day so far, so that it does not come to be less when other mail is sent besides; of who sends little, by
all of it. Many replies are urgent whatever their share, and a few are no share at all; neither are those to one message
that is tried again and again. Where the mail was not measured, they count as all of it: better told than missed.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from deliverwatch.core.block import JudgingPolicy
from deliverwatch.core.reply_hours import Hour, messages, total
from deliverwatch.core.wilson import lower_bound

_DAY = timedelta(days=1)


def is_urgent(hours: Sequence[Hour], policy: JudgingPolicy) -> bool:
    """`hours`: in order, up to the last reply."""
    if messages(hours) >= policy.urgent_replies:
        return True
    spans = (total(span) for span in [*_days(hours), hours] if messages(span) >= policy.urgent_least)
    return any(lower_bound(span.verdicts, span.attempted) >= policy.urgent_ratio for span in spans)


def _days(hours: Sequence[Hour]) -> Iterable[list[Hour]]:
    """The day up to each of the hours."""
    for number, hour in enumerate(hours, 1):
        yield [each for each in hours[max(number - 24, 0) : number] if hour.hour_at - each.hour_at < _DAY]
