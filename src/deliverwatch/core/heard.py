"""What receivers say, by mailbox provider and rule: that too from which nothing opens.

Verdicts on content, rules of single tenants, full mailboxes, and whatever a receiver says whom the catalogue of
providers does not have: no episode comes of them, and a person may want to know of them all the same.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from deliverwatch.core.delivery import ReplyCounts, ReplyKey
from deliverwatch.core.reply import ReplyClass


class Heard(NamedTuple):
    """Of one source, since each source counts for itself. `provider` None: not known. `blocklist`: the catalogue's id
    of the list that is cited; None: none is, or one that the catalogue does not have. `sample`: one reply, masked."""

    source: str
    provider: str | None
    class_: ReplyClass
    rule: str
    blocklist: str | None
    deferred: int
    bounced: int
    last_hour_at: datetime
    sample: str


def heard(replies: Iterable[tuple[ReplyKey, ReplyCounts]]) -> list[Heard]:
    """The most frequent first."""
    found: dict[tuple[str, str, ReplyClass, str, str], Heard] = {}
    for key, counts in replies:
        kind = (key.source, key.provider, key.class_, key.rule, key.list_id)
        known = found.get(kind)
        of_hour = Heard(
            key.source,
            key.provider or None,
            key.class_,
            key.rule,
            key.list_id or None,
            counts.deferred,
            counts.bounced,
            key.hour_at,
            counts.sample,
        )
        found[kind] = of_hour if known is None else _together(known, of_hour)
    return sorted(
        found.values(), key=lambda each: (-each.deferred - each.bounced, each.source, each.rule, each.blocklist or "")
    )


def _together(one: Heard, other: Heard) -> Heard:
    newest = max(one, other, key=lambda each: each.last_hour_at)
    return newest._replace(deferred=one.deferred + other.deferred, bounced=one.bounced + other.bounced)
