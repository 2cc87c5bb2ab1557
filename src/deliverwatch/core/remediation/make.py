"""A case -> the draft: fields, text, what is missing, what stands against sending it now.

The fields are filled by `fields`, the text is rendered by `Words`, `missing` says what neither holds, `against` what
speaks against sending it, `evidence` what was seen. What a person wrote is laid over it by `edits`.
"""

from collections.abc import Callable
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from deliverwatch.core.block import Episode
from deliverwatch.core.listing import Listing
from deliverwatch.core.remediation.against import Repair, against
from deliverwatch.core.remediation.case import Case
from deliverwatch.core.remediation.draft import Draft, DraftField, DraftKind, DraftState, Missing, RequestOutcome
from deliverwatch.core.remediation.evidence import evidence
from deliverwatch.core.remediation.facts import Facts
from deliverwatch.core.remediation.fields import TEXT, fill, listed
from deliverwatch.core.remediation.form import FollowUpWay, Form, FormChannel, FormField, LetterKind, Sender
from deliverwatch.core.remediation.gather import gather, named
from deliverwatch.core.remediation.missing import awaited, gaps, one_at_a_time, unchecked, untranslated

Words = Callable[[Form, Facts, LetterKind, str, bool], str]
"""(form, facts, letter, language, brief) -> the text of a request."""


_BY_HAND = (
    FormField("reference", "Their reference", "reference", required=False),
    FormField("text", "Answer", TEXT),
)
"""What a follow-up within the addressee's ticket takes."""


class _Written(NamedTuple):
    """What goes to the addressee. `english`: the same, where `text` is in another language."""

    language: str
    text: str
    english: str | None
    fields: tuple[DraftField, ...]
    missing: tuple[Missing, ...]


def make_draft(
    case: Case,
    words: Words,
    letter: LetterKind = LetterKind.REQUEST,
    due_at: datetime | None = None,
    repair: Repair = lambda result: f"put {result.check} in order",
) -> Draft:
    form, facts = case.addressee.form, gather(case)
    way = form.way_of(letter) if letter is not LetterKind.REQUEST else FollowUpWay.AGAIN
    to, again = _to(case, form, way), way is FollowUpWay.AGAIN
    written = _written(case, words, letter, way, facts)
    return Draft(
        id=draft_id(case, letter),
        customer=case.customer.id if case.customer is not None else None,
        form=form.id,
        form_digest=form.digest,
        provider=case.addressee.id,
        kind=case.kind,
        channel=form.channel if again else FormChannel.EMAIL,
        url=form.url if again else None,
        to=to,
        subjects=named(case.subjects),
        state=DraftState.PREPARED,
        text=written.text,
        fields=written.fields,
        missing=(*_address(form, way, to, case), *written.missing, *unchecked(case)),
        blockers=against(case, letter, way, repair),
        evidence=evidence(case),
        created_at=case.now,
        changed_at=case.now,
        due_at=due_at,
        episodes=case.keys,
        cause=cause_key(case),
        addressee=case.addressee.name,
        letter=letter,
        language=written.language,
        text_english=written.english,
        caveat=form.caveat,
        steps=(*_in_turn(case, form), *_steps(form, way)),
        facts={name: fact.value for name, fact in facts.items() if not fact.moves},
        follow_up_of=case.follows.id if case.follows is not None else None,
        round=_round(case.follows),
    )


def _written(case: Case, words: Words, letter: LetterKind, way: FollowUpWay, facts: Facts) -> _Written:
    form = case.addressee.form
    language = next((each for each in form.languages if (letter, each) in form.bodies), "en")
    wanted = form.fields if way is FollowUpWay.AGAIN else _BY_HAND
    text = words(form, facts, letter, language, False)
    asked = awaited(case)
    fields, missing = fill(wanted, facts, text, lambda: words(form, facts, letter, language, True), asked)
    missing = (*missing, *one_at_a_time(case, wanted), *untranslated(case, wanted, language))
    if way is FollowUpWay.AGAIN and not _takes_text(form):
        return _Written("en", listed(fields), None, fields, missing)
    english = words(form, facts, letter, "en", False) if language != "en" else None
    missing = (*missing, *gaps(text, facts, {field.fact for field in wanted}, asked))
    return _Written(language, text, english, fields, missing)


def _takes_text(form: Form) -> bool:
    """A page that wants an address and nothing else has no place for a letter."""
    on_a_page = form.channel in (FormChannel.WEB_FORM, FormChannel.PORTAL)
    return not on_a_page or any(field.fact == TEXT for field in form.fields)


def draft_id(case: Case, letter: LetterKind) -> str:
    """From its cause, so that making it twice makes it once."""
    parts = [case.addressee.form.id, case.keys[0], case.customer.id if case.customer is not None else ""]
    if case.follows is not None:
        parts = [case.follows.id, letter, str(case.follows.answered_at or case.follows.submitted_at)]
    return "d-" + sha256("/".join(parts).encode()).hexdigest()[:13]


def _round(follows: Draft | None) -> int:
    """How often it was denied before this one."""
    return 0 if follows is None else follows.round + (follows.outcome is RequestOutcome.DENIED)


def cause_key(case: Case) -> str:
    """What other listings or blocks must share to go into the same request: the addressee, whose they are, and what is
    said of them."""
    customer = case.customer.id if case.customer is not None else ",".join(each.id for each in case.holders)
    parts = (case.kind, case.addressee.id, case.addressee.form.id, customer, said_of(case))
    return sha256("/".join(parts).encode()).hexdigest()[:16]


def said_of(case: Case) -> str:
    if case.kind is DraftKind.LISTING:
        return said_of_listing(case.listings[0])
    return said_of_block(case.episodes[0])


def said_of_listing(listing: Listing) -> str:
    return "+".join(sorted(listing.codes))


def said_of_block(episode: Episode) -> str:
    return f"{episode.what}+{episode.evidence.get('rule') or ''}"


def _to(case: Case, form: Form, way: FollowUpWay) -> str | None:
    """Addresses, joined; what only the network's owner may ask goes by our abuse desk."""
    if way is FollowUpWay.EMAIL:
        return form.escalate_to
    if form.sender is Sender.NETWORK_OWNER:
        return case.requester.abuse_desk
    domains = [each for each in (case.provider.domains if case.provider is not None else ()) if "*" not in each]
    if any("{domain}" in address for address in form.to) and not domains:
        return None
    return ", ".join(address.replace("{domain}", domains[0] if domains else "") for address in form.to) or None


def _address(form: Form, way: FollowUpWay, to: str | None, case: Case) -> tuple[Missing, ...]:
    if to is not None or way is FollowUpWay.TICKET:
        return ()
    if form.sender is Sender.NETWORK_OWNER:
        return (Missing("to", "set abuse_desk in [requester] of the configuration: the owner of the network asks"),)
    if way is FollowUpWay.EMAIL or form.channel is FormChannel.EMAIL:
        return (Missing("to", f"no address of {case.addressee.name} is known: find it before use"),)
    return ()


def _in_turn(case: Case, form: Form) -> tuple[str, ...]:
    if len(case.subjects) <= form.most or form.channel is FormChannel.NONE:
        return ()
    at_a_time = "one address" if form.most == 1 else f"{form.most} addresses"
    return (f"The form takes {at_a_time} at a time, and these are {len(case.subjects)}: send it in turn.",)


def _steps(form: Form, way: FollowUpWay) -> tuple[str, ...]:
    if way is FollowUpWay.TICKET:
        return ("Answer within the addressee's own ticket or mail; do not fill in the form again.",)
    if way is FollowUpWay.EMAIL:
        return ("Send it by mail, with the addressee's reference in the subject.",)
    usual = (f"Usual answer: {form.answer.words}.",) if form.answer.words else ()
    ends = (f"Expiry: {form.expires.words}.",) if form.expires is not None else ()
    return (*form.steps, *usual, *ends)
