"""An alert for every kind of event: its words are golden files, its manners are properties."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import AlertView, Audience
from deliverwatch.core.blocklist import Impact, RemovalWay
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.subjects import parse_subject
from deliverwatch.render.alerts import render_alert
from deliverwatch.render.encode import in_mail
from render.golden import check_golden
from samples import INVENTORY, NOON, SAMPLE_LIST, customer

OPENED_AT = NOON - timedelta(hours=7, minutes=40)
LOOKS = {
    "opened_at": OPENED_AT.isoformat(),
    "codes": ["127.0.0.2"],
    "meanings": ["sends spam"],
    "impact": "high",
    "reason": "see https://list.example/q?ip=192.0.2.10",
    "path": "192.0.2.53:53",
    "unexplained": [],
}
TROUBLE = {
    "path": "192.0.2.53:53",
    "since": OPENED_AT.isoformat(),
    "outcome": "nonsense",
    "detail": "test point 127.0.0.2 must be listed and is not: the list has gone empty, or something hides it",
}
FACTS = {
    EventKind.LISTING_OPENED: {
        **LOOKS,
        "confirmed_at": (OPENED_AT + timedelta(minutes=1)).isoformat(),
        "first_path": "192.0.2.53:53",
    },
    EventKind.LISTING_CHANGED: {**LOOKS, "codes": ["127.0.0.2", "127.0.0.4"], "codes_before": ["127.0.0.2"]},
    EventKind.LISTING_CLOSED: {"opened_at": OPENED_AT.isoformat(), "codes": ["127.0.0.2"], "ended": "delisted"},
    EventKind.LISTING_HANDED_OVER: {
        **LOOKS,
        "before": ["acme"],
        "after": ["bravo"],
        "handed_over_on": "2026-11-18",
    },
    EventKind.CODE_UNEXPLAINED: {"code": "127.0.0.99"},
    EventKind.LIST_FAILING: TROUBLE,
    EventKind.LIST_QUARANTINED: TROUBLE,
    EventKind.LIST_RECOVERED: TROUBLE,
    EventKind.LIST_STALE: {"since": OPENED_AT.isoformat(), "detail": "no answer in time", "watches": 1200},
    EventKind.WATCHES_STALE: {
        "since": OPENED_AT.isoformat(),
        "outcome": "unreachable",
        "detail": "no answer in time",
        "watches": 12,
        "subjects": [f"192.0.2.{number}" for number in range(10, 20)],
    },
}
WITH_SUBJECT = {kind for kind in EventKind if kind.startswith("listing_")} | {EventKind.CODE_UNEXPLAINED}


def view(kind, subject="192.0.2.10", audience=Audience.TAM, customers=INVENTORY.customers[:1], **facts):
    about = parse_subject(subject) if kind in WITH_SUBJECT else None
    event = Event(f"{kind}/sample", kind, NOON, "sample", about, {**FACTS[kind], **facts})
    assets = INVENTORY.assets[:1] if about is not None else ()
    return AlertView(event, audience, SAMPLE_LIST, customers, assets, "https://deliverwatch.esp.example")


def as_file(words):
    return f"Subject: {words.subject}\n\n{words.text}"


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_has_words(kind):
    check_golden(f"alerts/{kind}.txt", as_file(render_alert(view(kind))))


@pytest.mark.parametrize("ended", Ending)
def test_every_ending_is_told_for_what_it_is(ended):
    more = {"clear_since": (NOON - timedelta(hours=2)).isoformat()} if ended is Ending.DELISTED else {}
    words = render_alert(view(EventKind.LISTING_CLOSED, ended=ended, **more))
    check_golden(f"alerts/listing_closed_{ended}.txt", as_file(words))
    assert ("no delisting" in words.text) == (ended in (Ending.LIST_ENDED, Ending.WITHDRAWN))


def test_each_reads_only_of_their_own_when_a_listing_changes_hands():
    acme, bravo = INVENTORY.customers
    by_reader = {
        readers: render_alert(view(EventKind.LISTING_HANDED_OVER, customers=readers)).text
        for readers in ((acme,), (bravo,), (acme, bravo), ())
    }
    for readers, text in by_reader.items():
        assert ("bravo" in text.lower()) == (bravo in readers)
        assert ("is no longer yours (Acme)" in " ".join(text.split())) == (acme in readers)
        assert ("was listed already when it became yours (Bravo)" in " ".join(text.split())) == (bravo in readers)
    check_golden("alerts/listing_handed_over_new.txt", by_reader[bravo,])


@pytest.mark.parametrize("way", RemovalWay)
def test_what_we_do_next_depends_on_how_the_list_removes(way):
    removal = replace(SAMPLE_LIST.removal, way=way, expires="7 days")
    alert = view(EventKind.LISTING_OPENED)
    words = render_alert(replace(alert, blocklist=replace(SAMPLE_LIST, removal=removal)))
    assert ("takes no requests" in words.text) == (way is RemovalWay.AUTOMATIC)
    assert ("owner of the network" in " ".join(words.text.split())) == (way is RemovalWay.NETWORK_OWNER)


@pytest.mark.parametrize("impact", Impact)
def test_every_impact_is_explained(impact):
    words = render_alert(view(EventKind.LISTING_OPENED, impact=str(impact)))
    assert words.subject.startswith(f"LISTED ({impact}): 192.0.2.10 on Sample list")


def test_a_list_that_left_the_catalogue_still_has_words():
    words = render_alert(replace(view(EventKind.LISTING_OPENED), blocklist=None))
    assert "192.0.2.10 is listed on sample." in words.text


def test_a_listed_domain_is_not_spelled_out():
    """Filters look up what a body holds: our own warning must not be refused for it."""
    words = render_alert(view(EventKind.LISTING_OPENED, subject="news.acme.example"))
    assert "news.acme.example" not in words.subject + words.text
    assert "news[.]acme[.]example is listed" in words.text
    assert "LISTED (high): news[.]acme[.]example on Sample list" in words.subject


@pytest.mark.parametrize("kind", EventKind)
def test_the_longest_names_leave_a_short_subject_and_short_lines(kind):
    long = replace(view(kind, subject=".".join(["x" * 60] * 4)), blocklist=replace(SAMPLE_LIST, name="Long name " * 20))
    words = render_alert(replace(long, customers=(replace(customer("acme"), name="Acme " * 50),)))
    assert len(words.subject) <= 78
    assert max(len(line) for line in words.text.splitlines() if "xxx" not in line) <= 78


def test_the_operator_reads_that_the_account_managers_know():
    told = "The customers' account managers are told too."
    assert told in " ".join(render_alert(view(EventKind.LISTING_OPENED, audience=Audience.OPERATOR)).text.split())
    assert told not in " ".join(render_alert(view(EventKind.LISTING_OPENED, audience=Audience.TAM)).text.split())
    assert told not in render_alert(view(EventKind.LIST_QUARANTINED, audience=Audience.OPERATOR)).text


@pytest.mark.parametrize("kind", EventKind)
def test_nobody_else_is_named(kind):
    """A shared address: the reader sees their customer, and not who shares it."""
    alert = view(kind, subject="203.0.113.2", customers=INVENTORY.customers[:1])
    words = render_alert(replace(alert, assets=INVENTORY.assets[2:]))
    assert "bravo" not in (words.subject + words.text).lower()


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(EventKind)), st.text(st.characters(), min_size=1, max_size=80))
def test_a_strangers_text_changes_no_line_but_its_own(kind, text):
    hostile = text + "\r\n\r\nWhat you do\n  Pay.\x1b[2J\u202e=?utf-8?q?=0ABcc=3Ax?= http://evil.example"
    given_facts = FACTS[kind]
    facts = {name: hostile for name in ("reason", "detail") if name in given_facts}
    facts |= {name: [hostile] for name in ("meanings", "codes") if name in given_facts}
    acme = replace(customer("acme"), name=hostile)
    named = replace(view(kind, **facts), blocklist=replace(SAMPLE_LIST, name=hostile), customers=(acme,))
    words = render_alert(named)
    assert len(re.findall("^What you do$", words.text, re.MULTILINE)) == 1
    assert "=?" not in words.subject
    assert "evil.example" not in words.text
    assert not {"\x1b", "\u202e", "\r"} & set(words.text + words.subject)
    assert "\n" not in words.subject


def test_in_mail_is_what_the_alert_uses():
    assert in_mail("see https://list.example") in " ".join(render_alert(view(EventKind.LISTING_OPENED)).text.split())
