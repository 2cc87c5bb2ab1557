"""What was asked for a customer, in their week: requests about the listings and blocks that the report tells of.

A draft names subjects, references and answers, which may be another customer's: only subjects of this customer's own
episodes are told, and a reference only where the draft is for them alone. Our own due times, notes and what we lack are
nobody's to read. A draft that was closed without having been sent asked for nothing, and is left out.

What was granted and has no effect is told as that: the block whose last refusal came after the answer, the listing that
is still seen.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from deliverwatch.core.coverage import NO_ROUNDS
from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import Subject
from deliverwatch.core.verification import Coverage
from deliverwatch.core.week_blocks import ReportedBlock
from deliverwatch.core.week_listings import ReportedListing


class ToldEpisode(NamedTuple):
    """A listing or block that the report tells of. `still_there_at`: when it was seen last; None: it has ended."""

    subject: Subject
    still_there_at: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedDraft:
    """`keys`: of the reported listings or blocks it is about; `subjects`: theirs. `about`: the list or provider, by
    name. `asks_nobody`: its addressee takes no requests; `ends`: when it ends by itself then, None: not known.
    `reference` only where the senders are theirs alone. `no_effect_at`: it was granted, and what it is about was still
    there at this time after the answer; None: not so, or not known."""

    keys: tuple[str, ...]
    kind: DraftKind
    subjects: tuple[Subject, ...]
    about: str
    addressee: str
    state: DraftState
    asks_nobody: bool = False
    ends: str | None = None
    follows_up: bool = False
    reference: str | None = None
    submitted_at: datetime | None = None
    answered_at: datetime | None = None
    outcome: RequestOutcome | None = None
    no_effect_at: datetime | None = None


def reported_drafts(
    drafts: Iterable[Draft],
    customer_id: str,
    told: Mapping[str, ToldEpisode],
    names: Mapping[str, str],
    endings: Mapping[str, str],
) -> tuple[ReportedDraft, ...]:
    """Oldest first. `told`: the reported episodes, by key. `names`: of lists and providers, by id.
    `endings`: when what goes by a form ends by itself, in words, by the form's id."""
    mine = [
        draft
        for draft in drafts
        if draft.customer in (None, customer_id) and _is_told(draft) and any(key in told for key in draft.episodes)
    ]
    return tuple(
        _report(draft, told, names, endings) for draft in sorted(mine, key=lambda draft: (draft.created_at, draft.id))
    )


def told_episodes(
    listings: Iterable[ReportedListing], blocks: Iterable[ReportedBlock], coverage: Coverage
) -> dict[str, ToldEpisode]:
    """Of the report's listings and blocks, by key."""
    end = coverage.period.end
    found = {each.key: ToldEpisode(each.subject, _last_seen(each, coverage)) for each in listings}
    return found | {
        each.key: ToldEpisode(each.subject, each.last_seen_at if each.open_at(end) else None) for each in blocks
    }


def _last_seen(listing: ReportedListing, coverage: Coverage) -> datetime | None:
    """When it was looked at last, conclusively, and was there."""
    gaps = coverage.gaps.get(listing.list_id, ())
    if not listing.open_at(coverage.period.end) or any(
        gap.watch.subject == listing.subject and gap.until is None for gap in gaps
    ):
        return None
    rounds = coverage.rounds.get(listing.list_id, NO_ROUNDS)
    looked = (cycle.started_at for cycle in rounds.all if listing.subject.kind in cycle.kinds_verified)
    return max(looked, default=None)


def _is_told(draft: Draft) -> bool:
    return draft.state is not DraftState.CLOSED or draft.submitted_at is not None


def _report(
    draft: Draft, told: Mapping[str, ToldEpisode], names: Mapping[str, str], endings: Mapping[str, str]
) -> ReportedDraft:
    """A draft without a customer is about senders that several share: its reference may speak of the others."""
    keys = tuple(key for key in draft.episodes if key in told)
    about = names.get(draft.provider, draft.addressee or draft.provider)
    asks_nobody = draft.channel is FormChannel.NONE
    return ReportedDraft(
        keys=keys,
        kind=draft.kind,
        subjects=tuple(dict.fromkeys(told[key].subject for key in keys)),
        about=about,
        addressee=draft.addressee or about,
        state=draft.state,
        asks_nobody=asks_nobody,
        ends=endings.get(draft.form) if asks_nobody else None,
        follows_up=draft.follow_up_of is not None,
        reference=draft.reference if draft.customer is not None else None,
        submitted_at=draft.submitted_at,
        answered_at=draft.answered_at,
        outcome=draft.outcome,
        no_effect_at=_no_effect_at(draft, [told[key] for key in keys]),
    )


def _no_effect_at(draft: Draft, about: Iterable[ToldEpisode]) -> datetime | None:
    answered_at = draft.answered_at
    if draft.outcome is not RequestOutcome.GRANTED or answered_at is None:
        return None
    seen = (each.still_there_at for each in about)
    return max((at for at in seen if at is not None and at > answered_at), default=None)
