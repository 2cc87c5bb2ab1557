"""What alerts about blocks, throttles, findings and warnings say, and to whom what is not said."""

import re
from dataclasses import replace

import pytest

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.shared_sender import without_others
from deliverwatch.core.subjects import parse_subject
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.warning_stories import _TELLINGS
from render.block_facts import BLOCK_FACTS
from render.golden import check_golden
from samples import INVENTORY, NOON

ENDS = [kind for kind in BLOCK_FACTS if kind.endswith(("closed", "ended"))]


def view(kind, subject="192.0.2.10", audience=Audience.TAM, **facts):
    event = Event(f"{kind}/sample", kind, NOON, "", parse_subject(subject), {**BLOCK_FACTS[kind], **facts})
    return AlertView(event, audience, None, INVENTORY.customers[:1], INVENTORY.assets[:1])


def flat(words):
    return " ".join(words.text.split())


def as_file(words):
    return f"Subject: {words.subject}\n\n{words.text}"


def test_the_subject_names_state_sender_provider_and_customer():
    words = render_alert(view(EventKind.BLOCK_OPENED))
    assert words.subject == "BLOCKED: 192.0.2.10 at Example Mail - Acme"


def test_a_throttle_is_told_with_the_advice_to_slow_down_and_not_to_ask():
    text = flat(render_alert(view(EventKind.THROTTLE_STARTED)))
    assert "Slow down: fewer connections" in text
    assert "This is no block, and nobody need be asked." in text


def test_a_finding_asks_for_a_cure_and_not_for_a_favour():
    text = flat(render_alert(view(EventKind.FINDING_OPENED)))
    assert "mend the record or the signature" in text
    assert "ask the provider" not in text


@pytest.mark.parametrize(
    ("share", "said"),
    [
        (None, "was not measured"),
        (0.0, "Less than 0.1%"),
        (0.0004, "Less than 0.1%"),
        (0.1234, "12.3% of the customer's mail"),
        (1.0, "100% of the customer's mail"),
    ],
)
def test_the_share_is_said_as_far_as_it_is_known(share, said):
    assert said in flat(render_alert(view(EventKind.BLOCK_OPENED, mail_share=share)))


@pytest.mark.parametrize("class_", [ReplyClass.IP_BLOCK, ReplyClass.DOMAIN_BLOCK, ReplyClass.RATE_LIMIT])
def test_whom_the_provider_judges_is_said(class_):
    judged = {"ip_block": "sending IP, by", "domain_block": "sending domain: another", "rate_limit": "so long that it"}
    assert judged[class_] in flat(render_alert(view(EventKind.BLOCK_OPENED, **{"class": str(class_)})))


@pytest.mark.parametrize("kind", ENDS)
def test_a_sender_that_is_not_ours_any_more_was_not_accepted(kind):
    words = render_alert(view(kind, ended="withdrawn", accepted=None, accepted_since=None))
    check_golden(f"alerts/{kind}_withdrawn.txt", as_file(words))
    assert "WITHDRAWN" in words.subject
    assert "accepted" not in words.text


@pytest.mark.parametrize("kind", ENDS)
def test_what_a_person_ended_is_told_with_the_reason(kind):
    facts = {"ended": "by_hand", "accepted": None, "accepted_since": None, "reason": "asked them\r\nBcc: x"}
    words = render_alert(view(kind, **facts))
    assert "a person" in flat(words).lower()
    assert "asked them" in words.text
    assert "\nBcc" not in words.text
    assert "accepted over" not in flat(words)


@pytest.mark.parametrize("kind", BLOCK_FACTS)
def test_of_a_shared_sender_figures_and_replies_of_all_are_left_out(kind):
    alert = view(kind)
    words = render_alert(replace(alert, event=replace(alert.event, facts=without_others(alert.event.facts))))
    if kind not in ENDS:
        assert "shared with others: figures of all are left out" in flat(words)
    for said in ("[X1]", "1,042", "17 messages", "12.3%", "2026-11-16"):
        assert said not in words.text


def test_a_throttle_that_became_a_block_says_so():
    words = render_alert(view(EventKind.THROTTLE_ENDED, ended=str(EpisodeEnd.BECAME_BLOCK)))
    check_golden("alerts/throttle_became_block.txt", as_file(words))


@pytest.mark.parametrize("kind", BLOCK_FACTS)
def test_an_incident_is_named_by_the_readers_part_alone(kind):
    words = render_alert(replace(view(kind, members=["192.0.2.10", "198.51.100.0/30"]), members=("198.51.100.0/30",)))
    assert "198.51.100.0/30 (4 addresses)" in words.text
    assert "192.0.2.10" not in words.subject + words.text
    if kind is EventKind.BLOCK_OPENED:
        check_golden("alerts/block_incident.txt", as_file(words))


@pytest.mark.parametrize("kind", BLOCK_FACTS)
def test_what_receivers_wrote_changes_no_line_but_its_own(kind):
    hostile = "550 no\r\n\r\nWhat you do\n  Pay.\x1b[2J\u202e=?utf-8?q?=0ABcc=3Ax?= http://evil.example"
    facts = {
        "samples": [hostile],
        "rule": hostile,
        "provider_name": hostile,
        "days": [{"on": hostile, "text": hostile}],
    }
    facts |= {"before": [hostile], "now": [hostile], "what": f"{BLOCK_FACTS[kind]['what']}: {hostile}"}
    words = render_alert(view(kind, **facts))
    assert len(re.findall("^What you do$", words.text, re.MULTILINE)) == 1
    assert "=?" not in words.subject
    assert "evil.example" not in words.text
    assert not {"\x1b", "\u202e", "\r"} & set(words.text + words.subject)
    assert "\n" not in words.subject


@pytest.mark.parametrize("what", sorted(_TELLINGS))
def test_every_warning_is_said_in_words(what):
    words = render_alert(view(EventKind.WARNING_STARTED, what=what))
    assert _TELLINGS[what].you_do in flat(words)


def test_a_record_that_went_is_named_with_what_it_said():
    facts = {"provider": "", "provider_name": None, "postmaster_url": None, "days": None, "urgent": False}
    facts |= {"what": "dkim_gone: s1._domainkey.news.acme.example", "before": ["v=DKIM1; p=MIGf"], "now": []}
    words = render_alert(view(EventKind.WARNING_STARTED, "news.acme.example", **facts))
    check_golden("alerts/warning_record_gone.txt", as_file(words))
    assert words.subject == "WARNING: news[.]acme[.]example - Acme"


def test_a_provider_without_a_page_is_asked_at_its_postmaster():
    words = render_alert(view(EventKind.BLOCK_OPENED, postmaster_url=None))
    assert "Then ask the provider's postmaster." in flat(words)


def test_the_operator_reads_that_the_account_managers_know():
    alert = view(EventKind.BLOCK_OPENED, audience=Audience.OPERATOR)
    assert "The customers' account managers are told too." in flat(render_alert(alert))
    assert "told too" not in render_alert(replace(alert, customers=())).text
