"""All that is recorded about one trouble with one addressee, as one file for whoever takes it on from here.

deliverwatch goes as far as the addressee's own forms. After the second denial a person has to negotiate, which is no
part of it, and that person should not begin with a search. So the file needs nothing beside it: each request with its
text and answer, what was seen and when, what the customer said, the advice given and followed, and what nobody knows.
It says what was recorded and promises nothing.
"""

from collections.abc import Iterable, Sequence

from deliverwatch.core.instants import instant
from deliverwatch.core.practice import Advice, is_taken_back
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftStep, RequestOutcome
from deliverwatch.core.remediation.facts import called
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_words import CHANNELS, LETTERS, field_words, named_in_order
from deliverwatch.render.markdown_text import escape, fence
from deliverwatch.render.practice_words import told_by_report

_LIMITS = (
    "This file holds what was recorded, for whoever goes on from here. To mediate beyond the addressee's own forms is "
    "no part of this program. Nothing in here is a promise: whether anything is lifted is for the addressee to decide, "
    "and mail that is accepted is not yet mail in the inbox."
)
_OF_CUSTOMER = ("only the customer knows", "the customer was asked")
"""How it is said that a draft lacks what only they know (`core.remediation.facts`, `missing`)."""


def evidence_file(
    draft: Draft,
    steps: Sequence[DraftStep],
    earlier_drafts: Sequence[Draft],
    requests: Sequence[ActionRequest],
    advice: Sequence[Advice],
) -> str:
    """Markdown. `earlier_drafts`: the others to this addressee about the same subjects."""
    drafts = sorted({each.id: each for each in (*earlier_drafts, draft)}.values(), key=lambda each: each.created_at)
    sections = [
        [f"# {escape(', '.join(named_in_order(draft.subjects)))} and {escape(draft.addressee or draft.provider)}"],
        [_LIMITS],
        _in_short(draft, drafts),
        ["## What was seen"],
        _seen(drafts),
        *_requests(drafts),
        ["## What the customer said"],
        *_words(requests),
        ["## Advice given, and followed"],
        _advice(advice),
        ["## What is not known"],
        _unknown(draft, drafts, requests),
        ["## History of this draft"],
        _history(steps),
    ]
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _in_short(draft: Draft, drafts: Sequence[Draft]) -> list[str]:
    denied = sum(each.outcome is RequestOutcome.DENIED for each in drafts)
    sent = sum(each.submitted_at is not None for each in drafts)
    return [
        f"- Customer: {escape(draft.customer) if draft.customer else 'several, or our own asset'}",
        f"- Trouble: {draft.kind}, {escape(draft.provider)}",
        f"- Addressee: {escape(draft.addressee or draft.provider)} ({_way(draft)})",
        f"- Requests sent: {sent}; denied: {denied}",
        f"- Draft: {escape(draft.id)}, {draft.state}, as of {instant(draft.changed_at)}",
        *([f"- Ticket: {escape(draft.ticket)}"] if draft.ticket else []),
    ]


def _way(draft: Draft) -> str:
    if draft.channel is FormChannel.NONE:
        return CHANNELS[draft.channel]
    where = " or ".join(escape(each) for each in (draft.to, draft.url) if each) or "not known"
    return f"{CHANNELS[draft.channel]}: {where}"


def _seen(drafts: Sequence[Draft]) -> list[str]:
    lines = sorted({(each.at, each.what) for draft in drafts for each in draft.evidence})
    return _table(("When", "What"), [(escape(at), escape(what)) for at, what in lines])


def _requests(drafts: Sequence[Draft]) -> Iterable[list[str]]:
    yield ["## What was asked, and answered"]
    for number, each in enumerate(drafts, start=1):
        yield [f"### {number}. {LETTERS[each.letter].capitalize()} ({escape(each.id)}, {each.state})"]
        yield [f"- Prepared: {instant(each.created_at)}", *_sent(each), *_answered(each)]
        for language, text in ((each.language, each.text), ("en", each.text_english)):
            if text is not None:
                yield [f"The text ({escape(language)}):"]
                yield [fence(text)]


def _sent(draft: Draft) -> list[str]:
    if draft.submitted_at is None:
        return ["- Sent: not recorded"]
    by = f" by {escape(draft.submitted_by)}" if draft.submitted_by else ""
    reference = escape(draft.reference) if draft.reference else "not recorded"
    return [f"- Sent: {instant(draft.submitted_at)}{by}", f"- Their reference: {reference}"]


def _answered(draft: Draft) -> list[str]:
    if draft.outcome is None or draft.answered_at is None:
        return ["- Answer: not recorded"]
    note = f": {escape(draft.note)}" if draft.note else ""
    return [f"- Answer: {str(draft.outcome).replace('_', ' ')}, {instant(draft.answered_at)}{note}"]


def _words(requests: Sequence[ActionRequest]) -> Iterable[list[str]]:
    if not requests:
        yield ["The customer was asked nothing."]
    for each in sorted(requests, key=lambda request: request.asked_at):
        said = [f"- {_question(name)}: {_answer(each, name)}" for name in _said_or_asked(each)]
        yield [_asked(each), *(said if each.answered_at is not None else [])]


def _asked(request: ActionRequest) -> str:
    to = f", by mail to {escape(', '.join(request.sent_to))}" if request.sent_to else ""
    asked = f"Asked on {instant(request.asked_at)} by {escape(request.asked_by)}{to}"
    if request.answered_at is None:
        return f"{asked}: {', '.join(map(_question, request.questions))}; no answer is recorded."
    by = escape(request.answered_by) if request.answered_by else "somebody whose name was not recorded"
    kept = f", written down by {escape(request.kept_by)}" if request.kept_by else ""
    return f"{asked}; answered on {instant(request.answered_at)} by {by}{kept}."


def _said_or_asked(request: ActionRequest) -> Iterable[str]:
    """They may say more than they were asked."""
    return dict.fromkeys((*request.questions, *request.answers))


def _answer(request: ActionRequest, name: str) -> str:
    return escape(request.answers[name]) if request.answers.get(name) else "not answered"


def _question(name: str) -> str:
    return escape(called(name))


def _advice(advice: Sequence[Advice]) -> list[str]:
    """What was taken back was never true, and is nothing that whoever goes on from here should repeat."""
    rows = [
        (
            escape(f"{each.check} {each.subject}".strip().replace("_", " ")),
            f"{escape(each.found)} ({instant(each.opened_at)})",
            _told(each),
            _followed(each),
        )
        for each in sorted(advice, key=lambda one: one.opened_at)
        if not is_taken_back(each)
    ]
    return _table(("About", "Found", "Told", "Followed"), rows)


def _told(advice: Advice) -> str:
    return instant(advice.told_at) if advice.told_at is not None else told_by_report(advice.check) or "not told"


def _followed(advice: Advice) -> str:
    if advice.mended_at is not None:
        return f"found mended on {instant(advice.mended_at)}"
    if advice.overruled_by is not None:
        because = escape(advice.overruled_because or "no reason recorded")
        return f"overruled by {escape(advice.overruled_by)}: {because}"
    return "not found mended"


def _unknown(draft: Draft, drafts: Sequence[Draft], requests: Sequence[ActionRequest]) -> list[str]:
    unsaid = _unsaid(requests)
    lines = [
        f"- {escape(field_words(draft, each.field))}: {escape(_without_commands(each.why))}"
        for each in draft.missing
        if not (unsaid and each.why.startswith(_OF_CUSTOMER))
    ]
    lines += [f"- What {escape(each.id)} came to: no answer is recorded." for each in drafts if _is_open(each)]
    lines += [f"- {_question(name)}: {escape(asked)}" for name, asked in unsaid.items()]
    return lines or ["Nothing that the forms ask for."]


def _unsaid(requests: Sequence[ActionRequest]) -> dict[str, str]:
    """What the customer was asked and has not said to this day, with when it was asked last."""
    answered = {name for each in requests for name, words in each.answers.items() if words}
    return {
        name: f"the customer was asked on {instant(each.asked_at)} by {each.asked_by}, no answer is recorded"
        for each in sorted(requests, key=lambda request: request.asked_at)
        for name in each.questions
        if name not in answered
    }


def _without_commands(why: str) -> str:
    """Whoever reads this file has no installation of ours to set up."""
    return "not recorded" if why.startswith("set ") else why.partition(": `")[0]


def _is_open(draft: Draft) -> bool:
    return draft.submitted_at is not None and draft.outcome is None


def _history(steps: Sequence[DraftStep]) -> list[str]:
    rows = [
        (instant(each.at), str(each.action).replace("_", " "), escape(each.by), escape(each.note or ""))
        for each in steps
    ]
    return _table(("When", "Step", "By", "Note"), rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    if not rows:
        return ["Nothing is recorded."]
    lines = [columns, ["---"] * len(columns), *rows]
    return [f"| {' | '.join(cells)} |" for cells in lines]
