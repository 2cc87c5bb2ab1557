"""Loads what cases are made from: what is open and whose, for those who close; all of it, for those who write."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.mail_share import Attempts
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.reply import ReplyClass
from deliverwatch.flows.case_files import CaseFiles
from deliverwatch.flows.doubts import load_doubts
from deliverwatch.flows.draft_desk import CaseStore, DraftDesk

_EARLIER = timedelta(days=1)
"""An episode may have ended before the draft about it was written."""

_REMEMBERED_FOR = timedelta(days=400)
_LATELY = timedelta(days=7)
"""For what is said of now: which lists are quoted, what SNDS shows, which domains send."""


async def load_case_files(store: CaseStore, desk: DraftDesk, now: datetime) -> CaseFiles:
    files = await load_causes(store, desk, now)
    values = await store.dns_values()
    return replace(
        files,
        practice=await store.practice(),
        advice=await store.advice(),
        requests=await store.action_requests(),
        ptr_names={name: tuple(found["values"]) for (kind, name), found in values.items() if kind == "ptr"},
        quotes=await store.verdicts(now - _LATELY, (ReplyClass.DNSBL_CITED,)),
        signals=await store.signals(now - _LATELY),
        doubts=await load_doubts(store),
        seen_domains=_seen_domains(await store.attempts(now - _LATELY, now)),
    )


def _seen_domains(attempts: Iterable[Attempts]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for each in attempts:
        if each.ip and each.domain:
            found[each.ip].add(each.domain)
    return {ip: frozenset(domains) for ip, domains in found.items()}


async def load_causes(store: CaseStore, desk: DraftDesk, now: datetime) -> CaseFiles:
    """What is open, whose it is, and which drafts there are; not what they are made from."""
    drafts = await store.drafts(since=now - _REMEMBERED_FOR)
    begun = min((draft.created_at for draft in drafts if draft.state is not DraftState.CLOSED), default=now)
    listings = await store.listings(since=begun - _EARLIER)
    blocks = await store.episodes(kinds=(EpisodeKind.BLOCK,), since=begun - _EARLIER)
    return CaseFiles(
        desk,
        now,
        await store.inventory(),
        {each.key: each for each in listings},
        {each.key: each for each in blocks},
        drafts,
    )
