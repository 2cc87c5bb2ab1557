"""A question to a customer as a mail, in their language: what happened, what only they know, how to answer.

It asks what the form needs and not one thing more, and quotes what was answered, so that the customer can look for it.
The text and the HTML print the same strings. Foreign text is one line each, with the dots of names bracketed
(`render.encode`): a listed name in the body would have our own question refused. Templates stand in
`reports/action_request/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from css_inline import CSSInliner

from deliverwatch.core.inventory import Customer, Tam
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import Draft, DraftKind
from deliverwatch.core.visible import visible
from deliverwatch.flows.ports import Words
from deliverwatch.render.action_request_words import PHRASES, Phrases
from deliverwatch.render.encode import in_header, in_mail
from deliverwatch.render.folders import reports_folder
from deliverwatch.render.templates import html_environment, text_environment
from deliverwatch.render.words import wrapped

_LONGEST_SUBJECT = 100
_LONGEST_NAME = 100
_LONGEST_REPAIR = 2000
_LONGEST_QUOTE = 600
_MOST_IN_SUBJECT = 1
_SINCE = ("refused_since", "listed_since")
_QUOTED: Mapping[DraftKind, str] = {DraftKind.LISTING: "reason", DraftKind.BLOCK: "reply"}

_INLINER = CSSInliner(load_remote_stylesheets=False, keep_style_tags=False, keep_at_rules=True)


@dataclass(frozen=True, slots=True)
class _Page:
    """What both parts print."""

    language: str
    subject: str
    greeting: str
    happened: tuple[str, ...]
    quotes: str
    quote: str
    asked: str
    questions: tuple[str, ...]
    mend: str
    repairs: tuple[str, ...]
    how_title: str
    how: tuple[str, ...]
    foot: tuple[str, ...]


def action_request_words(
    request: ActionRequest, draft: Draft, customer: Customer, subjects: Sequence[str], repairs: Sequence[str] = ()
) -> Words:
    """`subjects`: those of the draft that this customer may read of; `repairs`: the open advice that it repeats, in
    the customer's language."""
    page = _page(request, draft, customer, subjects, repairs)
    folder = reports_folder() / "action_request"
    html = html_environment(folder).get_template("body.html.j2").render(page=page)
    text = text_environment(folder).get_template("body.txt.j2").render(page=page, wrapped=wrapped)
    return Words(page.subject, text, _INLINER.inline(html))


def _page(
    request: ActionRequest, draft: Draft, customer: Customer, subjects: Sequence[str], repairs: Sequence[str]
) -> _Page:
    say = PHRASES[request.language]
    names = _joined([in_mail(each, _LONGEST_NAME) for each in subjects], say)
    addressee, quote = _addressee(draft), in_mail(draft.facts.get(_QUOTED[draft.kind], ""), _LONGEST_QUOTE)
    since = next((draft.facts[name] for name in _SINCE if draft.facts.get(name)), None)
    happened = [say.happened[draft.kind].format(addressee=addressee, subjects=names)]
    happened += [say.since.format(since=in_mail(since, _LONGEST_NAME))] if since else []
    shown = tuple(in_mail(each, _LONGEST_REPAIR) for each in repairs)
    foot = [say.theirs.format(addressee=addressee)]
    foot += [say.dots] if any("[.]" in each for each in (names, addressee, quote, *shown)) else []
    return _Page(
        language=request.language,
        subject=_subject(say, draft, subjects),
        greeting=say.greeting.format(customer=in_mail(customer.name, _LONGEST_NAME)),
        happened=tuple(happened),
        quotes=say.quotes[draft.kind] if quote else "",
        quote=quote,
        asked=say.asked.format(addressee=addressee),
        questions=tuple(say.questions[name] for name in request.questions),
        mend=say.mend,
        repairs=shown,
        how_title=say.how_title,
        how=(say.how.format(tam=_tam(customer.tam)), f"{say.honest.format(addressee=addressee)} {say.kept}"),
        foot=tuple(foot),
    )


def _subject(say: Phrases, draft: Draft, subjects: Sequence[str]) -> str:
    more = f" (+{len(subjects) - _MOST_IN_SUBJECT})" if len(subjects) > _MOST_IN_SUBJECT else ""
    named = in_header(in_mail(", ".join(subjects[:_MOST_IN_SUBJECT])), 45) + more
    addressee = in_header(_addressee(draft), 40)
    return in_header(say.subject[draft.kind].format(addressee=addressee, subjects=named), _LONGEST_SUBJECT)


def _addressee(draft: Draft) -> str:
    """The first of its names in our own catalogues, where they have it: no stranger's text. Who stands in none is named
    as its hosts are."""
    if draft.addressee in ("", draft.provider):
        return in_mail(draft.provider, _LONGEST_NAME)
    return visible(draft.addressee.partition(",")[0], _LONGEST_NAME)


def _joined(names: Sequence[str], say: Phrases) -> str:
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {say.conjunction} {names[-1]}"


def _tam(tam: Tam) -> str:
    """The address is our own, and to be written to."""
    parts = [in_mail(tam.name, _LONGEST_NAME), visible(tam.email, _LONGEST_NAME)]
    return ", ".join([*parts, in_mail(tam.phone, _LONGEST_NAME)] if tam.phone else parts)
