"""One message for what was over before its beginning had gone out, and what alerts say besides the listing itself."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.alerting import Audience
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import Ending, EventKind
from deliverwatch.render.alerts import render_alert
from render.golden import check_golden
from render.test_alerts import INVENTORY, OPENED_AT, as_file, flat, view

BEGAN = {
    EventKind.LISTING_CLOSED: EventKind.LISTING_OPENED,
    EventKind.BLOCK_CLOSED: EventKind.BLOCK_OPENED,
    EventKind.THROTTLE_ENDED: EventKind.THROTTLE_STARTED,
    EventKind.FINDING_CLOSED: EventKind.FINDING_OPENED,
    EventKind.WARNING_ENDED: EventKind.WARNING_STARTED,
}
WAS = {
    EventKind.LISTING_CLOSED: "WAS LISTED: 192.0.2.10 on Sample list - Acme",
    EventKind.BLOCK_CLOSED: "WAS BLOCKED: 192.0.2.10 at Example Mail - Acme",
    EventKind.THROTTLE_ENDED: "WAS SLOWED: 192.0.2.10 at Example Mail - Acme",
    EventKind.FINDING_CLOSED: "WAS TO MEND: 192.0.2.10 at Example Mail - Acme",
    EventKind.WARNING_ENDED: "WAS WARNED OF: 192.0.2.10 at Example Mail - Acme",
}

CAUSE = {
    "since": (OPENED_AT - timedelta(days=7)).isoformat(),
    "until": OPENED_AT.isoformat(),
    "compared": True,
    "changes": [
        {"what": "volume", "before": 1000, "after": 2500, "factor": 2.5, "where": "all"},
        {"what": "complaint_ratio", "before": 0.001, "after": 0.004, "factor": 4.0, "where": "pool acme-news"},
        {
            "what": "new_campaign",
            "before": None,
            "after": 900,
            "factor": None,
            "where": "campaign winter\r\nBcc: x",
        },
        {"what": "bounce_ratio", "before": 0.0, "after": 0.2, "factor": None, "where": "domain a.example"},
    ],
}


def joined(kind, *more, subject="192.0.2.10", **facts):
    older = [view(each, subject).event for each in (BEGAN[kind], *more)]
    return replace(view(kind, subject, **facts), joined=tuple(older))


@pytest.mark.parametrize("kind", BEGAN)
def test_a_beginning_that_was_not_sent_is_told_with_its_end(kind):
    words = render_alert(joined(kind))
    check_golden(f"alerts/joined_{kind}.txt", as_file(words))
    assert words.subject == WAS[kind]
    assert len(re.findall("^Since ", words.text, re.MULTILINE)) == 1


@pytest.mark.parametrize("ended", [Ending.LIST_ENDED, Ending.WITHDRAWN])
def test_an_end_that_is_no_delisting_is_still_told_for_what_it_is(ended):
    words = render_alert(joined(EventKind.LISTING_CLOSED, ended=ended))
    assert words.subject.startswith("WAS LISTED, ")
    assert "This is no delisting" in flat(words)


@pytest.mark.parametrize("kind", sorted(BEGAN.keys() - {EventKind.LISTING_CLOSED}))
@pytest.mark.parametrize("ended", [EpisodeEnd.BY_HAND, EpisodeEnd.WITHDRAWN])
def test_nobody_is_said_to_have_accepted_mail_who_was_not_asked(kind, ended):
    words = render_alert(joined(kind, ended=ended, accepted=None, accepted_since=None))
    assert words.subject.startswith("WAS ")
    assert "accepted over" not in flat(words)


def test_what_came_in_between_is_named():
    words = render_alert(joined(EventKind.LISTING_CLOSED, EventKind.LISTING_CHANGED))
    assert "Earlier Wed 18 Nov 2026 12:00 UTC: 192.0.2.10 is still listed on Sample list, now for" in flat(words)


def test_what_was_told_to_begin_and_changed_unsent_is_no_was():
    told = replace(view(EventKind.LISTING_CLOSED), joined=(view(EventKind.LISTING_CHANGED).event,))
    words = render_alert(told)
    assert words.subject.startswith("DELISTED")
    assert "now for another reason" in flat(words)


def test_a_hold_and_its_release_in_one_message_name_each_other():
    ready = replace(view(EventKind.WARMUP_READY, ended="delisted"), joined=(view(EventKind.WARMUP_HELD).event,))
    assert "Earlier" in render_alert(ready).text


def test_others_parts_of_an_incident_stay_theirs():
    """The beginning may have been led by somebody else's address."""
    began = view(
        EventKind.LISTING_OPENED, "198.51.100.7", members=["198.51.100.7", "192.0.2.10"], parties=["acme", "x"]
    )
    words = render_alert(replace(view(EventKind.LISTING_CLOSED), members=("192.0.2.10",), joined=(began.event,)))
    assert words.subject == WAS[EventKind.LISTING_CLOSED]
    assert "198.51.100" not in words.text
    assert "list.example/q" not in words.text


class TestFirstLook:
    def test_what_was_listed_before_we_watched_it_is_called_that(self):
        words = render_alert(view(EventKind.LISTING_OPENED, first_look=True))
        check_golden("alerts/listing_opened_first_look.txt", as_file(words))
        assert words.subject == "LISTED (high, already): 192.0.2.10 on Sample list - Acme"
        assert "listed on Sample list. That was so already when we began to watch it there." in flat(words)

    def test_nothing_else_is(self):
        assert "already" not in render_alert(view(EventKind.LISTING_OPENED)).text


class TestShareOfTheMail:
    def told(self, audience=Audience.TAM, customers=INVENTORY.customers[:1], **facts):
        return flat(render_alert(view(EventKind.LISTING_OPENED, audience=audience, customers=customers, **facts)))

    def test_it_is_said_where_it_was_measured(self):
        assert "31.4% of the customer's mail of the day before came from there." in self.told(mail_share=0.3141)
        assert "Less than 0.1% of the customer's mail" in self.told(mail_share=0.0001)

    def test_what_was_not_measured_is_not_none(self):
        assert "was not measured" in self.told(mail_share=None)
        assert "No mail was seen from there" in self.told(mail_share=None, idle=True)

    def test_how_much_others_send_is_not_told(self):
        shared = {"mail_share": 0.31, "parties": ["acme", "bravo"]}
        assert "31%" not in self.told(**shared)
        assert "31%" in self.told(Audience.OPERATOR, INVENTORY.customers, **shared)


def test_a_listing_of_our_own_sender_says_what_becomes_of_our_mail():
    words = render_alert(view(EventKind.LISTING_OPENED, "esp.example", own_from=True))
    assert "our own reports and alerts are sent from: they may be refused" in flat(words)
    assert "our own reports" not in flat(render_alert(view(EventKind.LISTING_OPENED, "esp.example")))


class TestCause:
    def told(self, cause, kind=EventKind.LISTING_OPENED, **more):
        return render_alert(replace(view(kind), cause=cause, **more))

    @pytest.mark.parametrize("kind", [EventKind.LISTING_OPENED, EventKind.BLOCK_OPENED, EventKind.STILL_LISTED])
    def test_what_changed_before_is_said(self, kind):
        text = flat(self.told(CAUSE, kind))
        assert "likely, as it changed in the week before: mail grew 2.5-fold, from 1,000 to 2,500 messages;" in text
        assert "complaints of pool acme-news grew 4-fold, from 0.1% to 0.4%" in text
        assert r"a new mailing, campaign winter\r\nBcc: x, of 900 messages; 1 more" in text

    @pytest.mark.parametrize(
        ("cause", "said"),
        [
            (None, "not known yet"),
            ({}, "nothing was measured in the week before"),
            ({**CAUSE, "compared": False, "changes": []}, "there is no earlier week to compare with"),
            ({**CAUSE, "changes": []}, "no figure changed much in the week before"),
        ],
    )
    def test_what_is_not_known_is_said_to_be_unknown(self, cause, said):
        assert f"Cause {said}" in flat(self.told(cause)).replace("not known: ", "")

    def test_of_a_shared_sender_only_how_much_it_grew(self):
        shared = {"what": "volume", "before": None, "after": None, "factor": 2.5, "where": "all"}
        assert "mail grew 2.5-fold\n" in self.told({**CAUSE, "changes": [shared]}).text.replace(" \n", "\n")

    def test_the_cause_of_anothers_subject_is_theirs(self):
        text = self.told(CAUSE, members=("198.51.100.0/30",)).text
        assert "2.5-fold" not in text


def test_the_draft_and_how_to_get_it_is_named():
    for kind in (EventKind.LISTING_OPENED, EventKind.LISTING_CHANGED, EventKind.BLOCK_OPENED, EventKind.STILL_LISTED):
        assert "deliverwatch drafts list, then deliverwatch drafts pull ID" in flat(render_alert(view(kind)))
