"""What is open of one customer, as rows: listings on lists that matter, others, blocks, and what comes before a block.

What opened together is one row, under its ranges. Beside each stands how much of the customer's mail it hits, what
changed before it, and the request that is under way, if the reader may see that one.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.incidents import ranges
from deliverwatch.core.shared_sender import cause_of_the_whole
from deliverwatch.core.subjects import Subject
from deliverwatch.core.visible import visible
from deliverwatch.core.week_listings import ReportedListing, together
from deliverwatch.flows.desk_ports import DraftHead
from deliverwatch.render.likely_cause import cause_words
from deliverwatch.render.tongue import say, say_n
from deliverwatch.web.customer_desk import CustomerDesk
from deliverwatch.web.draft_names import STATES
from deliverwatch.web.episode_words import KINDS, what
from deliverwatch.web.list_words import IMPACTS

_MOST_DRAFTS = 500
_MOST_RANGES = 8


@dataclass(frozen=True, slots=True)
class OpenRow:
    """`share` None: not measured; or `shared`: others send from there, too, and what they send is not told. `kind`: of
    what is no listing. `path`: of the list's page. `lookup_url`: the list's own page. `draft`: its id."""

    tone: str
    subjects: str
    where: str
    kind: str
    what: str
    since: datetime
    share: float | None
    shared: bool
    cause: str
    path: str | None = None
    lookup_url: str | None = None
    draft: str | None = None
    draft_state: str = ""


@dataclass(frozen=True, slots=True)
class OpenRows:
    """`for_information`: on lists that do not lead. `before`: throttles, findings and warnings."""

    listings: tuple[OpenRow, ...]
    for_information: tuple[OpenRow, ...]
    blocks: tuple[OpenRow, ...]
    before: tuple[OpenRow, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """`causes`: by key of a listing. `about`: ids of drafts by key of a listing or a block. `heads`: by id those that
    are the customer's."""

    desk: CustomerDesk
    causes: Mapping[str, Mapping[str, Any]]
    about: Mapping[str, str]
    heads: Mapping[str, DraftHead]

    def draft(self, keys: Iterable[str]) -> dict[str, Any]:
        """Of what several share the requests are seen by those who see all."""
        id_ = next((self.about[key] for key in keys if key in self.about), None)
        head = self.heads.get(id_ or "")
        if head is None and not self.desk.viewer.sees_all:
            return {}
        return {"draft": id_, "draft_state": say(STATES[head.state]) if head is not None else ""}


async def open_rows(desk: CustomerDesk, listings: Sequence[ReportedListing], episodes: Sequence[Episode]) -> OpenRows:
    """`listings`, `episodes`: those that are open, as the customer may know them."""
    keys = [each.key for each in listings]
    known = _Known(
        desk,
        await desk.app.store.causes_of(keys),
        await desk.app.store.drafts_about([*keys, *(each.key for each in episodes)]),
        {head.id: head for head in await desk.app.store.draft_heads(desk.only, limit=_MOST_DRAFTS)},
    )
    groups = together(listings, desk.now)
    blocks = [each for each in episodes if each.kind is EpisodeKind.BLOCK]
    return OpenRows(
        tuple(_of_listings(each, known) for each in groups if each[0].leads),
        tuple(_of_listings(each, known) for each in groups if not each[0].leads),
        tuple(_of_episodes(each, known) for each in _alike(blocks)),
        tuple(_of_episodes(each, known) for each in _alike(each for each in episodes if each not in blocks)),
    )


def _of_listings(group: Sequence[ReportedListing], known: _Known) -> OpenRow:
    first, desk = group[0], known.desk
    shared = any(desk.is_shared(each.subject) for each in group)
    cause = next((known.causes[each.key] for each in group if each.key in known.causes), None)
    return OpenRow(
        tone="bad" if first.leads else "plain",
        subjects=names_of([each.subject for each in group]),
        where=visible(first.list_name, 80),
        kind=say(IMPACTS[first.impact]),
        what=visible("; ".join(first.meanings), 200),
        since=min(each.opened_at for each in group),
        share=_sum([desk.share(each.subject) for each in group]),
        shared=shared,
        cause=cause_words(cause_of_the_whole(cause) if cause and shared else cause, visible),
        path=f"/lists/{first.list_id}" if first.list_id in desk.blocklists else None,
        lookup_url=first.lookup_url if len(group) == 1 else None,
        **known.draft([each.key for each in group]),
    )


def _alike(episodes: Iterable[Episode]) -> list[tuple[Episode, ...]]:
    """Senders that one provider treats alike since the same time; the largest share of mail first."""
    groups: dict[tuple[object, ...], list[Episode]] = defaultdict(list)
    for each in episodes:
        groups[each.kind, each.provider, each.what, each.opened_at, each.subject.kind].append(each)
    return sorted(map(tuple, groups.values()), key=lambda group: -(_sum([each.mail_share for each in group]) or 0))


def _of_episodes(group: Sequence[Episode], known: _Known) -> OpenRow:
    first = group[0]
    cause = next((each.cause for each in group if each.cause is not None), None)
    is_block = first.kind is EpisodeKind.BLOCK
    return OpenRow(
        tone="bad" if is_block else "unsure",
        subjects=names_of([each.subject for each in group]),
        where=known.desk.names.name(first.provider) if first.provider else "",
        kind=say(KINDS[first.kind]),
        what=what(first),
        since=first.opened_at,
        share=_sum([each.mail_share for each in group]),
        shared=any("shared" in each.evidence for each in group),
        cause=cause_words(cause, visible) if is_block else "",
        **known.draft([each.key for each in group]),
    )


def _sum(shares: Sequence[float | None]) -> float | None:
    """None: of one of them it is not known."""
    known = [each for each in shares if each is not None]
    return min(sum(known), 1.0) if len(known) == len(shares) else None


def names_of(subjects: Sequence[Subject]) -> str:
    """As ranges; the first of many."""
    names = [visible(name, 253) for name in ranges(subjects)]
    shown, more = ", ".join(names[:_MOST_RANGES]), len(names) - _MOST_RANGES
    return say_n("{names} and {n} more", "{names} and {n} more", more, names=shown) if more > 0 else shown
