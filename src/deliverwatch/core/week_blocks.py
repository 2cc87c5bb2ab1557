"""A customer's week at mailbox providers: the blocks that touched it, as this customer sees them.

A block is theirs while the sender was, and is cut to that time like a listing (`core.week_listings`). Of a sender that
others use as well only what holds for it as a whole is told: that it is blocked, by whom, and since when. Counts are of
the whole block, and told only where all of it was theirs alone. That there is none in a report says nothing: only what
the sending data show is known.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind
from deliverwatch.core.coverage import Span, union
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verification import deciding_spans


@dataclass(frozen=True, slots=True)
class ReportedBlock:
    """`closed_at` may lie after the week, when the report was made later. `last_seen_at`: the last refusal that is
    known. `shared`: the ESP's own sender, which others send from too. `replies`: refusals since it opened;
    `mail_share`: of the customer's mail of a day; None: not measured, or not theirs to know."""

    key: str
    subject: Subject
    provider_name: str
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    ended: EpisodeEnd | None
    stream: str | None
    shared: bool
    replies: int | None = None
    mail_share: float | None = None

    def open_at(self, at: datetime) -> bool:
        return self.opened_at <= at and (self.closed_at is None or self.closed_at >= at)


def reported_blocks(
    customer_id: str, holdings: Holdings, episodes: Iterable[Episode], names: Mapping[str, str], covered: Span
) -> tuple[ReportedBlock, ...]:
    """`holdings` and `episodes`: everybody's. `names`: of mailbox providers, by id. The oldest first."""
    found = [
        _report(
            piece, asset, names, is_whole=(piece.opened_at, piece.closed_at) == (episode.opened_at, episode.closed_at)
        )
        for episode in episodes
        if episode.kind is EpisodeKind.BLOCK
        for piece, asset in _pieces(episode, holdings, customer_id, covered.end)
        if piece.opened_at < covered.end and (piece.closed_at is None or piece.closed_at > covered.begin)
    ]
    return tuple(sorted(found, key=lambda each: (each.opened_at, each.provider_name, each.subject.value)))


def _pieces(
    episode: Episode, holdings: Holdings, customer_id: str, known_until: datetime
) -> Iterator[tuple[Episode, Asset]]:
    """The block cut to each stretch of time in which its sender was the customer's, with the asset it began on."""
    mine = list(deciding_spans(holdings.of(episode.subject), customer_id))
    for held in union(span for _, span in mine):
        opened_at, closed_at, ended = max(episode.opened_at, held.begin), episode.closed_at, episode.ended
        if held.end <= known_until and (closed_at is None or held.end < closed_at):
            closed_at, ended = held.end, EpisodeEnd.WITHDRAWN
        if opened_at >= held.end or (closed_at is not None and closed_at <= opened_at):
            continue
        asset = next(asset for asset, span in mine if span.begin <= opened_at < span.end)
        yield replace(episode, opened_at=opened_at, closed_at=closed_at, ended=ended), asset


def _report(piece: Episode, asset: Asset, names: Mapping[str, str], *, is_whole: bool) -> ReportedBlock:
    is_theirs = is_whole and asset.holder is not None
    return ReportedBlock(
        key=piece.key,
        subject=piece.subject,
        provider_name=names.get(piece.provider, piece.provider),
        opened_at=piece.opened_at,
        last_seen_at=piece.last_seen_at,
        closed_at=piece.closed_at,
        ended=piece.ended,
        stream=asset.stream,
        shared=asset.holder is None,
        replies=piece.evidence.get("replies") if is_theirs else None,
        mail_share=piece.mail_share if is_theirs else None,
    )
