"""How soon an event must be heard: at once, or when people are at work.

What decides is the share of the customer's mail that is hit, measured in the day before. Eighty percent of it outranks
three idle addresses, whatever list these are on. Where the share is not known, a critical list and a block are taken
for urgent, since to wait would be to guess that they are harmless. What ends, and what only slows mail down, can wait.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Event, EventKind

MUCH_MAIL = 0.2
SOME_MAIL = 0.05
"""Enough where the list or the block is of the worst kind."""

_HITS = frozenset(
    {
        EventKind.LISTING_OPENED,
        EventKind.LISTING_CHANGED,
        EventKind.LISTING_UNSTABLE,
        EventKind.LISTING_HANDED_OVER,
        EventKind.LISTING_SETTLED,
        EventKind.BLOCK_OPENED,
        EventKind.FINDING_OPENED,
        EventKind.WARNING_STARTED,
    }
)
_TROUBLE = frozenset({EventKind.LIST_BLIND, EventKind.RESOLVER_TROUBLE, EventKind.CHANNEL_FAILING})
"""What keeps us from seeing or from telling."""


class Urgency(NamedTuple):
    """`why`: in words, for whoever asks later."""

    urgent: bool
    why: str


def urgency(event: Event) -> Urgency:
    if event.facts.get("own_from"):
        return Urgency(True, "it concerns our own From domain")
    if event.kind in _TROUBLE:
        return Urgency(True, "it keeps us from seeing or telling")
    if event.kind is EventKind.REPORT_CONTACT_LOST and event.facts.get("last"):
        return Urgency(True, "nobody gets the customer's report any more")
    if event.kind not in _HITS or event.facts.get("listed") is False:
        return Urgency(False, "it can wait")
    return _by_mail(event.facts, worst=_is_worst(event))


def _is_worst(event: Event) -> bool:
    worst = event.kind is EventKind.BLOCK_OPENED or event.facts.get("impact") == Impact.CRITICAL
    return worst or bool(event.facts.get("urgent"))


def _by_mail(facts: Mapping[str, Any], *, worst: bool) -> Urgency:
    share = facts.get("mail_share")
    if share is not None:
        enough = SOME_MAIL if worst else MUCH_MAIL
        return Urgency(share >= enough, f"{int(share * 1000) / 10:g}% of the customer's mail is hit")
    if facts.get("idle"):
        return Urgency(False, "no mail was seen from there in the day before")
    return Urgency(worst, "what share of the mail is hit is not known")
