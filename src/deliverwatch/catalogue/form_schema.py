"""What a `form.yaml` may hold, and how it becomes a `core.remediation.form.Form`.

The file is shorter than the form: a list that stands alone means all of its codes, durations are written as people say
them ("30m", "24h", "7d"), and what is left out is what holds for most. What contradicts itself within one file is named
here; what two files claim, or name of other catalogues, is `catalogue.forms`. `forms/README.md` explains every key.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from deliverwatch.catalogue.answers import answer_or_bit
from deliverwatch.catalogue.schema import HttpsUrl, IsoDate, Strict, Text, choice
from deliverwatch.catalogue.strict_yaml import Place
from deliverwatch.core.blocklist import Confidence
from deliverwatch.core.errors import unknown_name
from deliverwatch.core.mailbox import parse_mailbox
from deliverwatch.core.practice import Check
from deliverwatch.core.remediation.facts import FACTS
from deliverwatch.core.remediation.form import (
    Answer,
    FollowUpWay,
    Form,
    FormChannel,
    FormField,
    LetterKind,
    ListCodes,
    Quota,
    QuotaPer,
    SelfExpiry,
    Sender,
)
from deliverwatch.core.subjects import SubjectKind

_ID = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*")
_LANGUAGE = re.compile(r"[a-z]{2}")
_DURATION = re.compile(r"([1-9][0-9]{0,3})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_MOST_SEPARATOR = 10
_OF_THE_FORM_ALONE = frozenset({"id", "lists", "providers"})
"""What `like` does not take over: whose form it is."""


def _form_id(text: str) -> str:
    if not _ID.fullmatch(text) or len(text) > 64:
        raise ValueError(f"{text[:80]!r} is not an id: expected lower-case letters, digits, and single - or _ between")
    return text


def _fact(name: str) -> str:
    if name not in FACTS:
        raise ValueError(unknown_name("fact", name, FACTS))
    return name


def _one_or_more(number: int) -> int:
    if number < 1:
        raise ValueError(f"expected 1 or more, found {number}")
    return number


def _separator(text: str) -> str:
    if not text or len(text) > _MOST_SEPARATOR:
        raise ValueError(f"expected 1 to {_MOST_SEPARATOR} characters between two values")
    return text


def _duration(value: Any) -> timedelta:
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError(f"{str(value)[:80]!r} is not a duration: expected one such as 30m, 24h or 7d")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})


def _language(text: str) -> str:
    if text == "en":
        raise ValueError("'en' is always there: name only what is wanted besides English")
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f"{text[:80]!r} is not a language: expected two letters, such as de (ISO 639-1)")
    return text


def _address(text: str) -> str:
    """ "{domain}" becomes the provider's recipient domain."""
    try:
        return parse_mailbox(text.replace("{domain}", "domain.example")) and text
    except ValueError:
        raise ValueError(f"{text[:80]!r} is not an e-mail address: expected name@domain, or name@{{domain}}") from None


def _listed(value: Any) -> Any:
    return {"list": value} if isinstance(value, str) else value


FormId = Annotated[Text, AfterValidator(_form_id)]
Number = Annotated[int, AfterValidator(_one_or_more)]
Duration = Annotated[timedelta, BeforeValidator(_duration)]
Address = Annotated[Text, AfterValidator(_address)]


class FieldEntry(Strict):
    name: Text
    label: Text
    fact: Annotated[Text, AfterValidator(_fact)]
    required: bool = True
    limit: Number | None = None
    values: dict[str, Text] = Field(default_factory=dict)
    separator: Annotated[str, AfterValidator(_separator)] = ", "


class ListEntry(Strict):
    list_id: Text = Field(alias="list")
    codes: list[Annotated[Text, AfterValidator(answer_or_bit)]] = Field(default_factory=list)


class AnswerEntry(Strict):
    usual: Duration | None = None
    words: Text | None = None
    replies: bool = True


class ExpiresEntry(Strict):
    words: Text
    wait: Duration | None = None


class QuotaEntry(Strict):
    requests: Number
    within: Duration
    per: Annotated[QuotaPer, choice(QuotaPer)] = QuotaPer.SUBJECT


class FormEntry(Strict):
    id: FormId
    name: Text
    like: Text | None = None
    providers: list[Text] = Field(default_factory=list)
    lists: list[Annotated[ListEntry, BeforeValidator(_listed)]] = Field(default_factory=list)
    channel: Annotated[FormChannel, choice(FormChannel)]
    url: HttpsUrl | None = None
    to: list[Address] = Field(default_factory=list)
    sender: Annotated[Sender, choice(Sender)] = Sender.REQUESTER
    escalate_to: Address | None = None
    most: Number = 1
    kinds: list[Annotated[SubjectKind, choice(SubjectKind)]] = Field(default_factory=list)
    languages: list[Annotated[Text, AfterValidator(_language)]] = Field(default_factory=list)
    steps: list[Text] = Field(default_factory=list)
    instead: Text | None = None
    requires: list[Annotated[Check, choice(Check)]] = Field(default_factory=list)
    answer: AnswerEntry = AnswerEntry()
    expires: ExpiresEntry | None = None
    again_after: Duration | None = None
    quota: QuotaEntry | None = None
    follow_up: dict[Annotated[LetterKind, choice(LetterKind)], Annotated[FollowUpWay, choice(FollowUpWay)]] = Field(
        default_factory=dict
    )
    check_mx: bool = False
    caveat: Text | None = None
    source: Text
    checked_on: IsoDate
    confidence: Annotated[Confidence, choice(Confidence)]
    fields: list[FieldEntry] = Field(default_factory=list)


def under(entry: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """What `entry` does not say, taken from `base`, key by key."""
    return {key: value for key, value in base.items() if key not in _OF_THE_FORM_ALONE} | dict(entry)


def contradictions(form: FormEntry) -> Iterator[tuple[Place, str]]:
    yield from _of_the_channel(form)
    yield from _of_fields(form)
    if form.confidence is Confidence.LOW and form.caveat is None:
        yield ("confidence",), "is low: expected a caveat, such as what to check before use"
    if LetterKind.REQUEST in form.follow_up:
        yield ("follow_up", "request"), "is the first letter: expected only what follows up"
    if FollowUpWay.EMAIL in form.follow_up.values() and form.escalate_to is None:
        yield ("follow_up",), "a follow-up goes by email: expected escalate_to, its address"
    for key in ("providers", "kinds", "languages", "requires", "to"):
        values = list(map(str, getattr(form, key)))
        for index, value in enumerate(values):
            if value in values[:index]:
                yield (key, index), f"{value!r} is here twice"


def _of_the_channel(form: FormEntry) -> Iterator[tuple[Place, str]]:
    if form.channel is FormChannel.NONE and form.instead is None:
        yield ("channel",), "nobody takes requests: expected instead, what to do"
    if form.channel is not FormChannel.NONE and form.instead is not None:
        yield ("instead",), "stands only with channel none"
    if form.channel is FormChannel.EMAIL and not form.to:
        yield ("channel",), "is email: expected to, its addresses"
    on_a_page = form.channel in (FormChannel.WEB_FORM, FormChannel.PORTAL)
    if on_a_page and form.url is None and (form.lists or form.providers):
        yield ("channel",), f"is {form.channel}: expected url, its page"
    if form.channel is not FormChannel.NONE and not form.fields:
        yield ("channel",), f"is {form.channel}: expected fields"


def _of_fields(form: FormEntry) -> Iterator[tuple[Place, str]]:
    names: set[str] = set()
    for index, field in enumerate(form.fields):
        if field.name in names:
            yield ("fields", index, "name"), f"the field {field.name!r} is here twice"
        names.add(field.name)


def to_core(form: FormEntry, bodies: Mapping[tuple[LetterKind, str], str], digest: str) -> Form:
    return Form(
        id=form.id,
        name=form.name,
        channel=form.channel,
        fields=tuple(FormField(**field.model_dump()) for field in form.fields),
        source=form.source,
        checked_on=form.checked_on,
        confidence=form.confidence,
        digest=digest,
        lists=tuple(ListCodes(each.list_id, tuple(each.codes)) for each in form.lists),
        providers=tuple(form.providers),
        sender=form.sender,
        url=form.url,
        to=tuple(form.to),
        escalate_to=form.escalate_to,
        most=form.most,
        kinds=frozenset(form.kinds),
        steps=tuple(form.steps),
        instead=form.instead,
        requires=frozenset(form.requires),
        answer=Answer(form.answer.usual, form.answer.words, form.answer.replies),
        expires=None if form.expires is None else SelfExpiry(form.expires.words, form.expires.wait),
        again_after=form.again_after,
        quota=None if form.quota is None else Quota(form.quota.requests, form.quota.within, form.quota.per),
        follow_up=form.follow_up,
        languages=tuple(form.languages),
        bodies=bodies,
        check_mx=form.check_mx,
        caveat=form.caveat,
    )
