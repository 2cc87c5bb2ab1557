"""Reminders, and alerts about reports and channels: what each reader is told of, and in whose words."""

import re
from dataclasses import replace

import pytest

from deliverwatch.core.acceptance import NOT_MEASURED
from deliverwatch.core.alerting import Audience
from deliverwatch.core.events import EventKind
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.core.shared_sender import without_others
from deliverwatch.render.alerts import render_alert
from render.golden import check_golden
from render.more_facts import BEGAN_AT, MORE_FACTS, REQUEST
from render.test_alerts import INVENTORY, as_file, flat, view

HOSTILE = "550 no\r\n\r\nWhat you do\n  Pay.\x1b[2J\u202e=?utf-8?q?=0ABcc=3Ax?= http://evil.example"
REMINDERS = (EventKind.STILL_LISTED, EventKind.STILL_BLOCKED)


def request(**changes):
    return {**REQUEST, "by": "ann", "at": BEGAN_AT.isoformat(), **changes}


def told(kind=EventKind.STILL_LISTED, audience=Audience.TAM, **facts):
    return flat(render_alert(view(kind, audience=audience, **facts)))


@pytest.mark.parametrize("kind", REMINDERS)
@pytest.mark.parametrize("state", sorted(set(DraftState) - {DraftState.CLOSED}))
def test_it_says_how_what_was_asked_stands(kind, state):
    said = {
        DraftState.PREPARED: "prepared, and taken on by nobody yet",
        DraftState.PULLED: "taken on by ann, not sent yet",
        DraftState.SUBMITTED: "sent Wed 11 Nov 2026 10:00 UTC, no answer recorded",
        DraftState.ANSWERED: "answered Wed 11 Nov 2026 10:00 UTC: denied",
    }
    outcome = RequestOutcome.DENIED if state is DraftState.ANSWERED else None
    text = told(kind, drafts=[request(state=state, outcome=outcome)])
    assert said[state] in text
    assert ("drafts pull ID" in text) == (state in (DraftState.PREPARED, DraftState.PULLED))


@pytest.mark.parametrize("outcome", RequestOutcome)
def test_every_answer_has_words(outcome):
    text = told(drafts=[request(state="answered", outcome=outcome)])
    assert ("they say it is lifted, and it is not" in text) == (outcome is RequestOutcome.GRANTED)


def test_where_nothing_was_asked_that_is_said_and_what_would_end_it():
    text = told(drafts=[])
    assert "Asked nothing: no request is prepared or under way" in text
    assert "removal form" in text


def test_requests_of_other_customers_are_theirs():
    drafts = [request(id="d-acme"), request(id="d-bravo", customer="bravo"), request(id="d-shared", customer=None)]
    text = told(drafts=drafts, parties=["acme", "bravo"])
    assert "d-acme" in text
    assert "d-shared" in text
    assert "bravo" not in text
    assert "d-bravo" in told(audience=Audience.OPERATOR, drafts=drafts)


def test_many_requests_are_counted():
    text = told(drafts=[request(id=f"d-{number}") for number in range(9)])
    assert "6 more requests: deliverwatch drafts list" in text


def test_of_a_sender_that_others_use_neither_figures_nor_requests():
    alert = view(EventKind.STILL_BLOCKED)
    words = render_alert(replace(alert, event=replace(alert.event, facts=without_others(alert.event.facts))))
    for said in ("1,042", "[X1]", "12.3%", "d-1a2b", "Asked"):
        assert said not in words.text


def test_what_no_source_measures_is_not_promised():
    for kind in (EventKind.BLOCK_OPENED, EventKind.STILL_BLOCKED):
        assert "when the provider has accepted mail again" in told(kind)
        text = told(kind, acceptance=NOT_MEASURED)
        assert "when the provider has accepted mail again" not in text
        assert "measured by no source there is" in text


def test_of_an_incident_only_the_readers_part():
    alert = view(EventKind.STILL_LISTED, members=["192.0.2.10", "198.51.100.7"], parties=["acme", "bravo"])
    words = render_alert(replace(alert, members=("198.51.100.7",), customers=INVENTORY.customers[1:]))
    assert "192.0.2.10" not in words.subject + words.text
    assert "d-1a2b" not in words.text


def test_the_last_reader_of_a_report_is_told_with_urgency():
    words = render_alert(view(EventKind.REPORT_CONTACT_LOST, last=True, state="unsubscribed", why=None))
    check_golden("alerts/report_contact_last.txt", as_file(words))
    assert words.subject == "REPORT READ BY NOBODY: Acme"
    assert "Nobody gets the report of Acme any more." in flat(words)


def test_a_report_that_was_held_too_long_is_told_as_not_sent():
    words = render_alert(view(EventKind.REPORT_WAITS, goes_at=None, held_by="ann", reason=HOSTILE))
    assert words.subject == "REPORT NOT SENT: Acme, week 2026-W46"
    assert "goes" not in words.text.split("What it means")[0]


@pytest.mark.parametrize("kind", [EventKind.CHANNEL_FAILING, EventKind.CHANNEL_WELL])
def test_a_channel_that_is_no_relay_is_not_called_one(kind):
    words = render_alert(view(kind, channel="chat", customers=(), audience=Audience.OPERATOR))
    assert words.subject.endswith(f": chat takes {'no messages' if kind == 'channel_failing' else 'messages again'}")
    assert "relay" not in words.text.split("Why")[0]
    assert "[mail]" not in words.text


@pytest.mark.parametrize("kind", MORE_FACTS)
def test_what_strangers_wrote_changes_no_line_but_its_own(kind):
    facts = {name: HOSTILE for name in ("why", "address", "channel", "subject", "reason") if name in MORE_FACTS[kind]}
    if kind in REMINDERS:
        facts["drafts"] = [request(id=HOSTILE, to=HOSTILE, by=HOSTILE, state="pulled")]
    words = render_alert(view(kind, **facts))
    assert len(re.findall("^What you do$", words.text, re.MULTILINE)) == 1
    assert "=?" not in words.subject
    assert "evil.example" not in words.text
    assert not {"\x1b", "\u202e", "\r"} & set(words.text + words.subject)
    assert "\n" not in words.subject
