"""`forms/<id>/case.yaml` -> a case as it would be recorded, in one standard world, and the draft made from it.

The world: Acme Ltd, a customer of Example ESP, mails a newsletter from dedicated addresses; all best practice is kept.
"""

from datetime import datetime, timedelta
from functools import cache

from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import load_forms, load_letters
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.catalogue.strict_yaml import load_yaml
from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.inventory import Asset, Customer, Language, ServiceZone, Tam
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.case import Addressee, Case, SndsDay
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import DraftKind, Requester
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Answer, Reply, judge
from deliverwatch.in_use import load_classifier
from deliverwatch.render.drafts import Letters
from deliverwatch.settings import load_settings

FOLDER = shipped("forms")
NOW = datetime.fromisoformat("2026-11-24T12:00:00Z")
_CHECKED_AT = datetime.fromisoformat("2026-11-24T10:00:00Z")
_CONFIRMED_AFTER = timedelta(minutes=20)
_PATH = "192.0.2.53:53"
_DOMAIN = "news.acme.example"
REQUESTER = Requester(
    "Example ESP",
    "Deliverability team",
    "Postmaster desk",
    "+1 555 0100",
    "postmaster@esp.example",
    "abuse@esp.example",
)
ACME = Customer(
    "acme",
    "Acme Ltd",
    ServiceZone.EASTERN,
    Tam("Robin Poe", "robin.poe@esp.example"),
    ("postmaster@acme.example",),
    Language.EN,
)
_OF_THE_DOMAIN = {
    Check.SPF: "SPF of news.acme.example: allows 192.0.2.10",
    Check.DKIM: "DKIM key s1._domainkey.news.acme.example: RSA key of 2048 bits",
    Check.DMARC: "DMARC of news.acme.example: policy quarantine, with reports (rua)",
    Check.ALIGNMENT: "mail from news.acme.example can align with DKIM d=news.acme.example",
    Check.MX: "mail to news.acme.example goes to mx1.esp.example",
    Check.ONE_CLICK: "a message of news.acme.example can be unsubscribed from with one click",
}
_OF_AN_ADDRESS = {Check.PTR: "{} has the reverse name {}, which leads back to it"}
_OF_THE_CUSTOMER = {
    Check.HELO: "the HELO name mta1.esp.example leads to 192.0.2.10, which sends",
    Check.TLS: "Gmail, which takes no mail without TLS, accepted 4,094 messages",
    Check.COMPLAINTS: "complaints: Microsoft Outlook.com: 8 complaints of 20,000 delivered (0.04%)",
    Check.GMAIL_SPAM_RATE: "Gmail's spam rate of news.acme.example was below 0.30% on seven days in a row",
    Check.BOUNCES: "180 of 20,000 attempts bounced in 7 days (0.90%)",
    Check.WARMUP: "none of their addresses is being warmed up",
    Check.LISTINGS: "192.0.2.10: no open listing on any of 8 leading lists",
}
"""Said as the checks say it (`practice`, `core.practice_counts`)."""


@cache
def forms():
    return {form.id: form for form in load_forms()}


@cache
def letters():
    return Letters(forms().values(), load_letters())


@cache
def blocklists():
    return {each.id: each for each in load_lists().usable}


@cache
def providers():
    return {each.id: each for each in load_mailbox_providers()}


@cache
def classifier():
    return load_classifier(load_settings(None, {}))


@cache
def told(form_id):
    """The file as it stands."""
    return load_yaml(FOLDER / form_id / "case.yaml").value


@cache
def case_of(form_id):
    form, recorded = forms()[form_id], told(form_id)
    subjects = tuple(parse_subject(name) for name in recorded["subjects"])
    about = (
        _listings(form, recorded["listing"], subjects) if "listing" in recorded else _blocks(form, recorded, subjects)
    )
    return Case(
        **about,
        subjects=subjects,
        now=NOW,
        requester=REQUESTER,
        customer=ACME,
        holders=(ACME,),
        assets=tuple(map(_asset, subjects)),
        sending_domains=(_DOMAIN,),
        ptr_names={each.value: (_name(number),) for number, each in _addresses(subjects)},
        ptr_at=_CHECKED_AT,
        practice=tuple(_practice(subjects, listed="listing" in recorded)),
        words=_words(recorded.get("answer")),
    )


def _listings(form, listing, subjects):
    blocklist = blocklists()[listing["list"]]
    found = tuple(_listing(blocklist, subject, listing) for subject in subjects)
    addressee = Addressee(blocklist.id, blocklist.name, form)
    return {"kind": DraftKind.LISTING, "addressee": addressee, "listings": found, "blocklist": blocklist}


def _blocks(form, recorded, subjects):
    provider = providers()[provider_id(form, recorded["block"])]
    found = tuple(_episode(provider.id, subject, recorded["block"], len(subjects)) for subject in subjects)
    addressee = Addressee(provider.id, provider.name, form)
    days = [SndsDay(each.value, "red", "2026-11-23") for _, each in _addresses(subjects)]
    snds = tuple(days) if provider.id == "microsoft_consumer" else ()
    return {"kind": DraftKind.BLOCK, "addressee": addressee, "episodes": found, "provider": provider, "snds": snds}


def provider_id(form, told):
    """Who refused: where a form is for several, or for whoever has none, the case says it."""
    return told.get("provider") or form.providers[0]


def _addresses(subjects):
    return enumerate((each for each in subjects if each.kind is not SubjectKind.DOMAIN), start=1)


def _name(number):
    return f"mta{number}.esp.example"


def _asset(subject):
    return Asset(subject.value, "acme", pool="news", stream="newsletter", network_owner="Example Networks")


def _practice(subjects, *, listed):
    ips = [each.value for _, each in _addresses(subjects)] or ["192.0.2.10"]
    for check, found in _OF_THE_DOMAIN.items():
        yield _passed(check, _DOMAIN, found.replace("192.0.2.10", ips[0]))
    for number, each in _addresses(subjects):
        for check, found in _OF_AN_ADDRESS.items():
            yield _passed(check, each.value, found.format(each.value, _name(number)))
    for check, found in _OF_THE_CUSTOMER.items():
        if listed and check is Check.LISTINGS:
            continue
        yield _passed(check, "", found.replace("192.0.2.10", ips[0]))


def _passed(check, subject, found):
    return CheckResult(check, subject, CheckOutcome.PASS, found, _CHECKED_AT, "a recorded look")


def _words(answer):
    if answer is None:
        return ()
    return (
        ActionRequest(
            id="a-1",
            customer="acme",
            draft="d-1",
            asked_at=NOW - timedelta(hours=20),
            asked_by="Robin Poe",
            language=Language.EN,
            questions=tuple(answer),
            answers={name: str(value) for name, value in answer.items()},
            answer_language=Language.EN,
            answered_at=NOW - timedelta(hours=2),
            answered_by="Alex Kim",
            kept_by="Robin Poe",
        ),
    )


def _listing(blocklist, subject, told):
    codes = tuple(told["codes"])
    verdict = judge(blocklist, Answer(Reply.ANSWER, codes))
    assert not verdict.unexplained, f"{blocklist.id} does not know {verdict.unexplained}"
    opened_at = datetime.fromisoformat(told["opened_at"])
    key = f"listing_opened/{blocklist.id}/{subject}/{opened_at.isoformat()}"
    return Listing(
        key=key,
        list_id=blocklist.id,
        subject=subject,
        opened_at=opened_at,
        confirmed_at=opened_at + _CONFIRMED_AFTER,
        closed_at=None,
        ended=None,
        codes=codes,
        meanings=verdict.meanings,
        impact=verdict.impact,
        reason=told.get("reason"),
        path=_PATH,
        incident=key,
    )


def _episode(provider, subject, told, of):
    class_, opened_at = ReplyClass(told["class"]), datetime.fromisoformat(told["opened_at"])
    key = episode_key(EpisodeKind.BLOCK, provider, subject, class_.value, opened_at)
    counts = {name: told.get(name, 0) // of for name in ("bounced", "deferred", "attempted")}
    evidence = {**counts, "replies": counts["bounced"] + counts["deferred"], "samples": [told["reply"]], "rule": "-"}
    last_seen_at = datetime.fromisoformat(told["last_seen_at"])
    return Episode(
        key, EpisodeKind.BLOCK, provider, subject, class_.value, class_, opened_at, last_seen_at, evidence=evidence
    )
