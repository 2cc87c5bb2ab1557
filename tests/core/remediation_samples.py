"""Forms, cases and drafts that the tests of the remediation core are made from."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from deliverwatch.core.block import Episode, EpisodeKind, episode_key
from deliverwatch.core.blocklist import Confidence, Impact
from deliverwatch.core.inventory import Asset, Language
from deliverwatch.core.listing import Listing
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.provider import MailboxProvider, ProviderKind
from deliverwatch.core.remediation.case import Addressee, Case
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import DraftKind, DraftState, Requester
from deliverwatch.core.remediation.form import Form, FormChannel, FormField, LetterKind
from deliverwatch.core.remediation.make import make_draft
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from samples import SAMPLE_LIST, customer

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACME = customer("acme")
REQUESTER = Requester("Example ESP", "Team", "Postmaster", "+1 555 0100", "postmaster@esp.example", "abuse@esp.example")
PROVIDER = MailboxProvider("mailbox", "Mailbox", ProviderKind.MAILBOX_PROVIDER, ("mailbox.example",), source="its page")
REPLY = "550 5.7.1 [192.0.2.10] is on our block list (S3140)"


def form(id_="sample", *fields, **changes):
    plain = {
        "name": f"Form of {id_}",
        "channel": FormChannel.WEB_FORM,
        "source": "made for the tests",
        "checked_on": date(2026, 11, 22),
        "confidence": Confidence.HIGH,
        "digest": "0",
    }
    return Form(id=id_, fields=fields or (FormField("ip", "IP address", "ips"),), **{**plain, **changes})


def listing(subject="192.0.2.10", codes=("127.0.0.2",), opened_at=NOW - DAY, reason="sends spam"):
    key = f"listing_opened/sample/{subject}/{opened_at.isoformat()}"
    confirmed_at = opened_at + HOUR
    named = parse_subject(subject)
    return Listing(
        key, "sample", named, opened_at, confirmed_at, None, None, codes, ("sends spam",), Impact.HIGH, reason,
        "192.0.2.53:53", key,
    )  # fmt: skip


def episode(subject="192.0.2.10", class_=ReplyClass.IP_BLOCK, opened_at=NOW - DAY, last_seen_at=NOW - HOUR, **evidence):
    named = parse_subject(subject)
    key = episode_key(EpisodeKind.BLOCK, "mailbox", named, class_, opened_at)
    counted = {"rule": "a-rule", "replies": 90, "attempted": 100, "samples": [REPLY], **evidence}
    return Episode(
        key, EpisodeKind.BLOCK, "mailbox", named, str(class_), class_, opened_at, last_seen_at, evidence=counted
    )


def listed(form_, *listings, **changes):
    """The case of these listings."""
    listings = listings or (listing(),)
    plain = {
        "customer": ACME,
        "holders": (ACME,),
        "assets": (Asset("192.0.2.0/24", "acme", stream="newsletter"),),
        "blocklist": SAMPLE_LIST,
        "requester": REQUESTER,
    }
    addressee = Addressee("sample", "Sample list", form_)
    subjects = tuple(each.subject for each in listings)
    return Case(DraftKind.LISTING, addressee, subjects, NOW, listings=listings, **{**plain, **changes})


def blocked(form_, *episodes, **changes):
    """The case of these blocks."""
    episodes = episodes or (episode(),)
    plain = {
        "customer": ACME,
        "holders": (ACME,),
        "assets": (Asset("192.0.2.0/24", "acme"),),
        "provider": PROVIDER,
        "requester": REQUESTER,
    }
    addressee = Addressee("mailbox", "Mailbox", form_)
    subjects = tuple(each.subject for each in episodes)
    return Case(DraftKind.BLOCK, addressee, subjects, NOW, episodes=episodes, **{**plain, **changes})


def words(form_, facts, letter, language, brief):
    """As `render.drafts` writes them, in one line."""
    if brief:
        return f"brief: {facts['subjects'].value}\n"
    changed = facts["what_changed"].value if "what_changed" in facts else "[to be completed: what changed]"
    return f"{letter} in {language}: {facts['subjects'].value}; {changed}\n"


def draft_of(case, letter=LetterKind.REQUEST):
    return make_draft(case, words, letter)


def sent(case, submitted_at=NOW - DAY, state=DraftState.SUBMITTED, **changes):
    """An earlier request of that case, under another id."""
    return replace(
        draft_of(case), id="d-earlier", state=state, submitted_at=submitted_at, reference="#7", **changes
    )  # fmt: skip


def said(answers, language=Language.EN, at=NOW - HOUR):
    return ActionRequest(
        f"a-{at:%H%M}", "acme", "d-1", at - DAY, "Robin", language, tuple(answers),
        answers=answers, answer_language=language, answered_at=at, answered_by="Alex Kim", kept_by="Robin",
    )  # fmt: skip


def checked(check=Check.PTR, outcome=CheckOutcome.PASS, subject="192.0.2.10", at=NOW - HOUR, found=None, **facts):
    problem = f"{check}_missing" if outcome is CheckOutcome.FAIL else None
    return CheckResult(check, subject, outcome, found or f"{check} of {subject}", at, "a look", problem, facts)
