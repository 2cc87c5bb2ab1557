"""Blocks, throttles, findings and warnings."""

from typing import Any

from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.store.mapping.rows import AnyRow
from deliverwatch.store.mapping.subjects import subject, subject_values


def episode(row: AnyRow) -> Episode:
    """A row of the table with its `cause`."""
    return Episode(
        key=row.key,
        kind=EpisodeKind(row.kind),
        provider=row.provider,
        subject=subject(row),
        what=row.what,
        class_=ReplyClass(row.reply_class) if row.reply_class is not None else None,
        opened_at=row.opened_at,
        last_seen_at=row.last_seen_at,
        closed_at=row.closed_at,
        ended=EpisodeEnd(row.ended) if row.ended is not None else None,
        mail_share=row.mail_share,
        evidence=row.evidence,
        cause=row.cause,
    )


def episode_values(value: Episode) -> dict[str, Any]:
    """Without the cause, which has a table of its own."""
    return {
        "key": value.key,
        "kind": str(value.kind),
        "provider": value.provider,
        **subject_values(value.subject),
        "what": value.what,
        "reply_class": str(value.class_) if value.class_ is not None else None,
        "opened_at": value.opened_at,
        "last_seen_at": value.last_seen_at,
        "closed_at": value.closed_at,
        "ended": str(value.ended) if value.ended is not None else None,
        "mail_share": value.mail_share,
        "evidence": dict(value.evidence),
    }
