"""A block, throttle, finding or warning as a JSON document: what the command line prints, and programs may rely on."""

from collections.abc import Collection
from typing import Any

from deliverwatch.core.block import Episode
from deliverwatch.core.episode_ids import episode_id
from deliverwatch.render.json_times import instant, told

_INNER = frozenset({"told"})
"""Of the evidence, what is our own bookkeeping."""


def episode_document(episode: Episode, customers: Collection[str]) -> dict[str, Any]:
    """`customers`: those concerned whom the reader may know of."""
    return {
        "id": episode_id(episode),
        "kind": episode.kind,
        "provider": episode.provider or None,
        "subject": episode.subject.value,
        "subject_kind": episode.subject.kind,
        "class": episode.class_,
        "what": episode.what,
        "opened_at": instant(episode.opened_at),
        "last_seen_at": instant(episode.last_seen_at),
        "closed_at": instant(episode.closed_at),
        "ended": episode.ended,
        "mail_share": episode.mail_share,
        "customers": list(customers),
        "evidence": {name: value for name, value in told(episode.evidence).items() if name not in _INNER},
        "likely_cause": told(episode.cause) if episode.cause else None,
    }
