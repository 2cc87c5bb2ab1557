"""Blocks, throttles, findings and warnings as one customer sees them.

An episode is theirs when they held or shared the sender at some time while it was open. Where others did as well, by
turns or together, only what holds for the sender as a whole is shown (`core.shared_sender`).
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from deliverwatch.core.block import Episode
from deliverwatch.core.events import Event
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.shared_sender import cause_of_the_whole, without_others
from deliverwatch.core.verification import deciding_spans


def episodes_seen_by(
    customer_id: str, assets: Iterable[Asset], episodes: Iterable[Episode], now: datetime
) -> list[Episode]:
    return episodes_held_by(customer_id, Holdings(assets), episodes, now)


def episodes_held_by(customer_id: str, holdings: Holdings, episodes: Iterable[Episode], now: datetime) -> list[Episode]:
    """The same, where everybody's holdings are at hand."""
    return [
        _without_others(each) if _concerns_others(each, customer_id, holdings, now) else each
        for each in episodes
        if _concerns(each, customer_id, holdings.of(each.subject), now)
    ]


def episodes_of_these(
    customers: Collection[str], holdings: Holdings, episodes: Iterable[Episode], now: datetime
) -> list[tuple[Episode, tuple[str, ...]]]:
    """As whoever answers for these customers sees them; with those of them that each concerns."""
    seen = []
    for each in episodes:
        concerned = _concerned(each, holdings, now)
        if mine := concerned & set(customers):
            seen.append((each if mine == concerned else _without_others(each), tuple(sorted(mine))))
    return seen


def _concerned(episode: Episode, holdings: Holdings, now: datetime) -> set[str]:
    assets = holdings.of(episode.subject)
    held = {party for asset in assets for party in asset.parties}
    return {party for party in held if _concerns(episode, party, assets, now)}


def customers_of(episode: Episode, holdings: Holdings) -> tuple[str, ...]:
    """Those concerned when it opened; where nobody was, those of its last day."""
    began = holdings.parties(episode.subject, episode.opened_at.date())
    return began or holdings.parties(episode.subject, (episode.closed_at or episode.last_seen_at).date())


def _concerns_others(episode: Episode, customer_id: str, holdings: Holdings, now: datetime) -> bool:
    assets = holdings.of(episode.subject)
    others = {party for asset in assets for party in asset.parties} - {customer_id}
    return any(_concerns(episode, other, assets, now) for other in others)


def _concerns(episode: Episode, customer_id: str, assets: Sequence[Asset], now: datetime) -> bool:
    """`assets`: all that cover the sender."""
    ends = episode.closed_at or now
    return any(span.begin <= ends and episode.opened_at < span.end for _, span in deciding_spans(assets, customer_id))


def _without_others(episode: Episode) -> Episode:
    cause = cause_of_the_whole(episode.cause) if episode.cause else episode.cause
    return replace(episode, mail_share=None, evidence=without_others(episode.evidence), cause=cause)


def of_these_customers(event: Event, customers: Collection[str], holdings: Holdings) -> Event:
    """An event of an episode as it may be told to whoever answers for these customers. Those of an incident concern all
    the same people."""
    concerned = set(event.facts.get("parties", ()))
    if event.subject is not None:
        concerned |= set(holdings.parties(event.subject, event.at.date()))
    return event if concerned <= set(customers) else replace(event, facts=without_others(event.facts))
