"""What was asked for a customer, in their week: requests about the listings and blocks that the report tells of.

A draft names subjects, references and answers, which may be another customer's: only subjects of this customer's own
episodes are told, and a reference only where the draft is for them alone. Our own due times, notes and what we lack are
nobody's to read. A draft that was closed without having been sent asked for nothing, and is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import Subject


@dataclass(frozen=True, slots=True)
class ReportedDraft:
    """`keys`: of the reported listings or blocks it is about; `subjects`: theirs. `about`: the list or provider, by
    name. `asks_nobody`: its addressee takes no requests; `ends`: when it ends by itself then, None: not known.
    `reference` only where the senders are theirs alone."""

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


def reported_drafts(
    drafts: Iterable[Draft],
    customer_id: str,
    told: Mapping[str, Subject],
    names: Mapping[str, str],
    endings: Mapping[str, str],
) -> tuple[ReportedDraft, ...]:
    """Oldest first. `told`: the subjects of the reported episodes, by key. `names`: of lists and providers, by id.
    `endings`: when what goes by a form ends by itself, in words, by the form's id."""
    mine = [
        draft
        for draft in drafts
        if draft.customer in (None, customer_id) and _is_told(draft) and any(key in told for key in draft.episodes)
    ]
    return tuple(
        _report(draft, told, names, endings) for draft in sorted(mine, key=lambda draft: (draft.created_at, draft.id))
    )


def _is_told(draft: Draft) -> bool:
    return draft.state is not DraftState.CLOSED or draft.submitted_at is not None


def _report(
    draft: Draft, told: Mapping[str, Subject], names: Mapping[str, str], endings: Mapping[str, str]
) -> ReportedDraft:
    """A draft without a customer is about senders that several share: its reference may speak of the others."""
    keys = tuple(key for key in draft.episodes if key in told)
    about = names.get(draft.provider, draft.addressee or draft.provider)
    asks_nobody = draft.channel is FormChannel.NONE
    return ReportedDraft(
        keys=keys,
        kind=draft.kind,
        subjects=tuple(dict.fromkeys(told[key] for key in keys)),
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
    )
