"""A recorded case with one text in every place where foreign text comes from, and all that is made of it."""

from dataclasses import dataclass, replace

from deliverwatch.core.practice import Advice, Check
from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftState,
    DraftStep,
    RequestOutcome,
)
from deliverwatch.core.remediation.facts import FROM_CUSTOMER
from deliverwatch.core.remediation.form import FollowUpWay, LetterKind
from deliverwatch.core.remediation.make import make_draft
from forms.recorded import ACME, NOW, case_of, letters

STRANGERS = "a stranger's text"


@dataclass(frozen=True)
class Made:
    """A draft, and what hangs on it."""

    draft: Draft
    steps: tuple[DraftStep, ...]
    earlier: tuple[Draft, ...]
    customer: object
    request: object
    advice: tuple[Advice, ...]


def made(form_id, text, follow_up=False):
    """`text` is in the TXT record or SMTP reply, in every name, answer, note, reference and ticket."""
    case = _spoilt(case_of(form_id), text)
    first = _worked(make_draft(case, letters()), text)
    draft = first
    kind = _followed_up(case.addressee.form) if follow_up else None
    if kind is not None:
        draft = _worked(make_draft(replace(case, follows=first, earlier=(first,)), letters(), kind), text)
    return Made(draft, _steps(text), (first,), replace(ACME, name=text), case.words[0], (_advice(text),))


def _followed_up(form):
    return next((kind for kind in LetterKind if kind is not LetterKind.REQUEST and _takes(form, kind)), None)


def _takes(form, kind):
    return form.way_of(kind) is not FollowUpWay.NONE


def _spoilt(case, text):
    customer = replace(ACME, name=text)
    word = replace(
        _any_word(case),
        answers=dict.fromkeys(FROM_CUSTOMER, text),
        answered_by=text,
        kept_by=text,
    )
    return replace(
        case,
        customer=customer,
        holders=(customer,),
        words=(word,),
        assets=tuple(replace(asset, stream=text, pool=text, network_owner=text) for asset in case.assets),
        ptr_names={name: (text,) for name in case.ptr_names},
        practice=tuple(replace(result, found=text, source=text) for result in case.practice[:2]),
        listings=tuple(replace(listing, reason=text) for listing in case.listings),
        episodes=tuple(replace(each, evidence={**each.evidence, "samples": [text]}) for each in case.episodes),
        addressee=replace(case.addressee, name=text, through=text, doubt=text),
        blocklist=replace(case.blocklist, name=text) if case.blocklist is not None else None,
        provider=replace(case.provider, name=text) if case.provider is not None else None,
    )


def _any_word(case):
    return case.words[0] if case.words else case_of("psbl").words[0]


def _worked(draft, text):
    """Sent, denied, with everything that a person may write."""
    return replace(
        draft,
        state=DraftState.ANSWERED,
        blockers=(*draft.blockers, Blocker("spf", text, text, text, "2026-11-24T12:00Z", text)),
        caveat=text if draft.caveat is not None else None,
        pulled_by=text,
        submitted_by=text,
        submitted_at=NOW,
        reference=text,
        answered_at=NOW,
        outcome=RequestOutcome.DENIED,
        note=text,
        ticket=text,
    )


def _steps(text):
    return (DraftStep(NOW, DraftState.ANSWERED, text, text, Action.ANSWERED, {"was": text}),)


def _advice(text):
    return Advice(
        *("v-1", "acme", Check.SPF, text, "spf_missing", {"record": text}, text, NOW),
        overruled_by=text,
        overruled_at=NOW,
        overruled_because=text,
    )
