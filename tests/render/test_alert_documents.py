"""Alerts as chats, pagers and programs take them: golden files, and what must hold whatever is in them."""

import json
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import Audience, Notification, Told
from deliverwatch.core.events import EventKind
from deliverwatch.core.routing import ChannelKind
from deliverwatch.render.alert_chat import for_chat
from deliverwatch.render.alert_digest import digest_words
from deliverwatch.render.alert_documents import alert_document, digest_document
from deliverwatch.render.alert_pager import dedup_key
from deliverwatch.render.alert_severity import Severity, severity
from deliverwatch.render.alerts import render_alert
from render.golden import check_golden
from render.test_alerts import NOON, OPENED_AT, view
from samples import INVENTORY

KINDS = [ChannelKind.SLACK, ChannelKind.PAGERDUTY, ChannelKind.WEBHOOK, ChannelKind.APPRISE]
NOTE = Notification("n-1", "n-1", Audience.OPERATOR, "ops", "ops", ("acme",), NOON)
OPENED = view(EventKind.LISTING_OPENED, mail_share=0.25, impact="critical", audience=Audience.OPERATOR)
CLOSED = view(EventKind.LISTING_CLOSED, audience=Audience.OPERATOR)
BLOCKED = view(EventKind.BLOCK_OPENED, audience=Audience.OPERATOR)
VOID = view(EventKind.LISTING_CLOSED, subject="192.0.2.11", ended="void", audience=Audience.OPERATOR)
CORRECTED = replace(VOID, corrects=Told("t-1", OPENED_AT))


def made(kind, alert):
    return json.loads(alert_document(kind, alert, render_alert(alert), NOTE))


def with_words(*views):
    return [(alert, render_alert(alert)) for alert in views]


def digest(kind, *views):
    parts = with_words(*views)
    return json.loads(digest_document(kind, parts, digest_words(parts), NOTE))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("name", "alert"), [("opened", OPENED), ("closed", CLOSED), ("blocked", BLOCKED)])
def test_the_documents_are_as_reviewed(kind, name, alert):
    document = alert_document(kind, alert, render_alert(alert), NOTE)
    assert document == alert_document(kind, alert, render_alert(alert), NOTE)
    check_golden(f"alert_documents/{kind}_{name}.json", document.decode() + "\n")


@pytest.mark.parametrize("kind", KINDS)
def test_the_digests_are_as_reviewed(kind):
    parts = with_words(CLOSED, BLOCKED, CORRECTED, OPENED)
    document = digest_document(kind, parts, digest_words(parts), NOTE)
    check_golden(f"alert_documents/{kind}_digest.json", document.decode() + "\n")


def test_the_digest_as_mail_is_as_reviewed():
    words = digest_words(with_words(CLOSED, BLOCKED, CORRECTED, OPENED))
    check_golden("alert_documents/email_digest.txt", f"Subject: {words.subject}\n\n{words.text}")


@pytest.mark.parametrize("kind", EventKind)
def test_every_event_makes_every_document(kind):
    alert = view(kind, audience=Audience.OPERATOR)
    for channel in KINDS:
        assert made(channel, alert)
    hook, pager = made(ChannelKind.WEBHOOK, alert), made(ChannelKind.PAGERDUTY, alert)
    assert hook["event"] == kind
    assert (hook["id"], hook["episode"]) == ("n-1", pager["dedup_key"])
    assert hook["severity"] == pager["payload"]["severity"]
    assert hook["ends"] == (pager["event_action"] == "resolve")
    assert "routing_key" not in pager
    assert pager["payload"]["source"]
    assert pager["payload"]["component"]


ENDED = {
    EventKind.LISTING_OPENED: EventKind.LISTING_CLOSED,
    EventKind.BLOCK_OPENED: EventKind.BLOCK_CLOSED,
    EventKind.THROTTLE_STARTED: EventKind.THROTTLE_ENDED,
    EventKind.FINDING_OPENED: EventKind.FINDING_CLOSED,
    EventKind.WARNING_STARTED: EventKind.WARNING_ENDED,
    EventKind.LIST_QUARANTINED: EventKind.LIST_RECOVERED,
    EventKind.LIST_BLIND: EventKind.LIST_RECOVERED,
    EventKind.WARMUP_HELD: EventKind.WARMUP_RELEASED,
    EventKind.CHANNEL_FAILING: EventKind.CHANNEL_WELL,
    EventKind.RESOLVER_TROUBLE: EventKind.RESOLVER_WELL,
}


@pytest.mark.parametrize(("began", "ended"), ENDED.items())
def test_the_end_resolves_what_the_beginning_triggered(began, ended):
    first, last = made(ChannelKind.PAGERDUTY, view(began)), made(ChannelKind.PAGERDUTY, view(ended))
    assert (first["event_action"], last["event_action"]) == ("trigger", "resolve")
    assert first["dedup_key"] == last["dedup_key"]


def test_no_two_troubles_are_one_incident():
    keys = [dedup_key(view(began).event) for began in ENDED if began is not EventKind.LIST_BLIND]
    keys += [
        dedup_key(view(EventKind.LISTING_OPENED, subject="192.0.2.11").event),
        dedup_key(replace(OPENED.event, list_id="other")),
        dedup_key(view(EventKind.BLOCK_OPENED, provider="other_mail").event),
    ]
    assert len(set(keys)) == len(keys)


def test_what_comes_in_between_belongs_to_the_same_incident():
    key = dedup_key(OPENED.event)
    for kind in (EventKind.LISTING_CHANGED, EventKind.LISTING_UNSTABLE, EventKind.LISTING_SETTLED):
        assert dedup_key(view(kind).event) == key
        assert made(ChannelKind.PAGERDUTY, view(kind))["event_action"] == "trigger"
    assert made(ChannelKind.PAGERDUTY, view(EventKind.LISTING_SETTLED, listed=False))["event_action"] == "resolve"


def test_an_incident_that_ends_in_parts_is_not_resolved_by_a_part():
    members = {"members": ["192.0.2.10", "192.0.2.12"], "member_count": 2}
    whole = dedup_key(view(EventKind.LISTING_OPENED, **members).event)
    assert dedup_key(view(EventKind.LISTING_CLOSED, **members).event) == whole
    assert dedup_key(view(EventKind.LISTING_CLOSED).event) != whole


def test_a_correction_resolves_what_it_takes_back():
    told = dedup_key(view(EventKind.LISTING_OPENED, subject="192.0.2.11").event)
    taken_back = made(ChannelKind.PAGERDUTY, CORRECTED)
    assert (taken_back["event_action"], taken_back["dedup_key"]) == ("resolve", told)
    assert made(ChannelKind.WEBHOOK, CORRECTED)["corrects"] == "t-1"


@pytest.mark.parametrize(
    ("alert", "expected"),
    [
        (view(EventKind.LISTING_OPENED, impact="critical", mail_share=0.06), Severity.CRITICAL),
        (view(EventKind.LISTING_OPENED, impact="critical", idle=True), Severity.WARNING),
        (view(EventKind.LISTING_OPENED, impact="medium", mail_share=0.8), Severity.CRITICAL),
        (view(EventKind.LISTING_OPENED, impact="medium", mail_share=0.3), Severity.ERROR),
        (view(EventKind.LISTING_OPENED, impact="medium", mail_share=0.01), Severity.WARNING),
        (view(EventKind.LISTING_OPENED, impact="low", mail_share=0.01), Severity.INFO),
        (view(EventKind.LISTING_OPENED, impact="low", own_from=True), Severity.CRITICAL),
        (view(EventKind.BLOCK_OPENED, mail_share=None), Severity.CRITICAL),
        (view(EventKind.THROTTLE_STARTED), Severity.WARNING),
        (view(EventKind.RESOLVER_TROUBLE), Severity.ERROR),
        (view(EventKind.REPORT_WAITS), Severity.INFO),
        (view(EventKind.BLOCK_CLOSED), Severity.INFO),
    ],
)
def test_much_mail_outranks_a_bad_list(alert, expected):
    assert severity(alert) is expected


@pytest.mark.parametrize(
    ("audience", "facts", "told"),
    [
        (Audience.OPERATOR, {"parties": ["acme", "bravo"]}, 0.25),
        (Audience.TAM, {"parties": ["acme"]}, 0.25),
        (Audience.TAM, {"parties": ["acme", "bravo"]}, None),
        (Audience.TAM, {"parties": ["acme"], "shared": True}, None),
    ],
)
def test_the_share_of_mail_is_told_to_those_alone_whose_it_is(audience, facts, told):
    alert = view(EventKind.LISTING_OPENED, audience=audience, mail_share=0.25, **facts)
    assert made(ChannelKind.WEBHOOK, alert)["mail_share"] == told


def test_the_codes_of_a_neighbour_are_not_told():
    alert = replace(view(EventKind.LISTING_OPENED, members=["192.0.2.8/30"]), members=("192.0.2.9",))
    assert made(ChannelKind.WEBHOOK, alert)["codes"] == []


HOSTILE = (
    "<!channel> @here <@U1> `x` ``` [click](https://evil.example/) <https://evil.example|safe> &amp; \u202e\r\n*x*"
)


def hostile(text):
    """In every place where a stranger's words may stand."""
    customer = replace(INVENTORY.customers[0], name=text)
    asset = replace(INVENTORY.assets[0], stream=text, pool=text)
    listing = replace(view(EventKind.LISTING_OPENED, reason=text), customers=(customer,), assets=(asset,))
    blocked = replace(view(EventKind.BLOCK_OPENED, samples=[text, text]), customers=(customer,), assets=(asset,))
    return listing, blocked


def plain_texts(document):
    """All that Slack shows, but for our own link."""
    for block in document["blocks"]:
        if block["type"] in ("header", "section"):
            assert block["text"]["type"] == "plain_text"
            assert block["text"]["emoji"] is False
            yield block["type"], block["text"]["text"]


def check_slack(document):
    assert len(document["blocks"]) <= 50
    assert len(document["text"]) < 40_000
    for type_, text in plain_texts(document):
        assert 0 < len(text) <= (150 if type_ == "header" else 3000)
    for text in (document["text"], *(text for _, text in plain_texts(document))):
        assert not re.search(r"[<>@]|\]\(|&(?!amp;|lt;|gt;)", text)
    assert document["text"].count("`") == 6
    assert document["text"].endswith("\n```")


def test_nothing_foreign_is_markup_a_link_or_a_mention():
    alerts = hostile(HOSTILE)
    for alert in alerts:
        document = made(ChannelKind.SLACK, alert)
        check_slack(document)
        assert "evil.example" not in json.dumps(document)
        assert "[at]here" in json.dumps(document)
        apprise = made(ChannelKind.APPRISE, alert)
        assert not re.search(r"[@`]|\]\(|https://evil", apprise["title"] + apprise["body"])
        for kind in (ChannelKind.PAGERDUTY, ChannelKind.WEBHOOK):
            document = json.dumps(made(kind, alert), ensure_ascii=False)
            assert "\u202e" not in document
            assert "https://evil" not in document
    check_slack(digest(ChannelKind.SLACK, *alerts))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=400))
def test_whatever_strangers_write_the_documents_keep_their_form(text):
    for alert in hostile(text):
        check_slack(made(ChannelKind.SLACK, alert))
        assert len(made(ChannelKind.PAGERDUTY, alert)["payload"]["summary"]) <= 1024
    assert not set("@`") & set(for_chat(text))


def test_a_long_text_is_cut_between_characters():
    long = view(EventKind.LISTING_OPENED, reason="<" * 500, members=[f"198.51.100.{n}" for n in range(0, 250, 2)])
    check_slack(made(ChannelKind.SLACK, replace(long, members=tuple(long.event.facts["members"]))))


class TestDigest:
    def test_corrections_come_first_then_the_worst(self):
        words = digest_words(with_words(CLOSED, OPENED, BLOCKED, CORRECTED))
        lines = re.findall(r"^\d\. (.*)$", words.text, re.MULTILINE)
        assert [line.partition(" ")[0].rstrip(":") for line in lines] == ["CORRECTION", "LISTED", "BLOCKED", "DELISTED"]
        assert words.subject.startswith("DIGEST: 4 messages, first CORRECTION: ")
        assert len(words.subject) <= 78

    def test_the_order_they_come_in_changes_nothing(self):
        views = (CLOSED, OPENED, BLOCKED, CORRECTED)
        for kind in KINDS:
            assert digest(kind, *views) == digest(kind, *reversed(views))

    def test_each_is_there_in_full_and_why_one_gets_it_once(self):
        parts = with_words(CLOSED, OPENED)
        text = digest_words(parts).text
        for _, words in parts:
            body, _, why = words.text.partition("\n-- \n")
            assert body in text
            assert text.count("\n-- \n") == text.count(why) == 1

    def test_a_single_one(self):
        words = digest_words(with_words(OPENED))
        assert words.subject.startswith("DIGEST: 1 message, first LISTED (critical): ")

    def test_what_finds_no_room_in_full_has_its_line(self):
        views = [
            view(EventKind.LISTING_OPENED, subject=f"198.51.100.{number}", mail_share=0.5 - number / 1000)
            for number in range(60)
        ]
        document = digest(ChannelKind.SLACK, *views)
        check_slack(document)
        shown = "\n".join(text for _, text in plain_texts(document))
        assert all(f". LISTED (high): 198.51.100.{number} " in shown for number in range(60))
        assert 0 < shown.count("What it means") < 60
        assert document["blocks"][-2]["type"] == "section"  # the last of them is there in full

    def test_the_pager_opens_one_of_the_worst_severity(self):
        document = digest(ChannelKind.PAGERDUTY, CLOSED, OPENED)
        assert (document["event_action"], document["dedup_key"]) == ("trigger", "n-1")
        assert document["payload"]["severity"] == "critical"

    def test_programs_get_each_part_as_a_document(self):
        parts = digest(ChannelKind.WEBHOOK, CLOSED, OPENED)["parts"]
        alone = [made(ChannelKind.WEBHOOK, alert) for alert in (OPENED, CLOSED)]
        assert [{"id": "n-1", **part} for part in parts] == alone


def test_no_document_depends_on_when_it_is_made():
    later = replace(NOTE, created_at=NOON + timedelta(days=1))
    alert = render_alert(OPENED)
    for kind in KINDS:
        assert alert_document(kind, OPENED, alert, NOTE) == alert_document(kind, OPENED, alert, later)
