"""What is counted of each kind of record, and what is not."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.delivery import (
    DeliveryEvent,
    DeliveryOutcome,
    FactCounts,
    Ignored,
    Measure,
    Rejection,
    ReplyCounts,
    SenderKey,
    Signal,
    SignalName,
    Speaker,
)
from deliverwatch.core.reply import Classification, ReplyClass
from deliverwatch.core.subjects import Subject, SubjectKind
from deliverwatch.core.tally import Tally, event_digest
from deliverwatch.core.tally_rules import TallyRules
from flows.line_source import EIGHT, NOW, PROVIDERS, RULES

MAIL = "mail.example"


def event(outcome, reply=None, at=EIGHT, **more):
    return DeliveryEvent(at, DeliveryOutcome(outcome), "192.0.2.10", MAIL, reply=reply, **more)


def tally(*items, seen=(), rules=RULES, not_measured=frozenset({"complaints"})):
    made = Tally("kumomta", not_measured, rules, NOW)
    made.add(
        [
            (event_digest(item.event_id) if getattr(item, "event_id", None) else None, line, item)
            for line, item in enumerate(items, 1)
        ],
        seen,
    )
    return made


def counts(*items, **more):
    (only,) = tally(*items, **more).facts.values()
    return only


def test_an_attempt_is_what_was_offered_and_a_retry_is_one_more():
    found = counts(
        event("deferred", "no", retry=False), event("deferred", "no", retry=True), event("delivered", retry=True)
    )
    assert found == FactCounts(attempted=3, delivered=1, deferred=2, bounced=0, complaints=None, retries=2)


def test_replies_to_what_was_tried_before_are_told_apart():
    made = tally(*(event("deferred", "450 no", retry=retry) for retry in (False, None, True, True)))
    assert [found.retries for found in made.replies.values()] == [2]


def test_what_a_queue_gave_up_on_is_bounced_without_another_attempt():
    made = tally(event("deferred", "550 no"), event("bounced", "550 no", expired=True))
    assert list(made.facts.values()) == [FactCounts(1, 0, 1, 1)]
    assert list(made.replies.values()) == [ReplyCounts(1, 1, 1, "", 1)]


def test_what_comes_after_a_delivery_is_no_attempt():
    found = counts(event("delivered"), event("out_of_band", "550 no"), event("complained"), not_measured=())
    assert found == FactCounts(1, 1, 0, 0, out_of_band=1, complaints=1, retries=None)


def test_what_the_platform_did_of_its_own_accord_counts_nowhere():
    made = tally(
        event("bounced", "550 no", speaker=Speaker.SUPPRESSION),
        event("deferred", "550 blocked by our own queue", speaker=Speaker.OWN),
    )
    assert (made.facts, made.replies, made.accepted) == ({}, {}, 2)


def test_mail_that_found_nobody_at_the_other_end_was_offered():
    made = tally(
        event("deferred", speaker=Speaker.OWN),
        event("deferred", "connection timed out", host="a.mx.mail.example", speaker=Speaker.OWN),
    )
    assert list(made.facts.values()) == [FactCounts(2, 0, 2, 0)]
    assert made.replies == {}


def test_what_a_source_cannot_tell_is_not_zero():
    assert counts(event("complained"), not_measured={"attempted", "delivered", "deferred", "bounced"}) == FactCounts(
        None, None, None, None, None, 1, None
    )
    assert counts(event("delivered"), not_measured=()).complaints == 0


@pytest.mark.parametrize(
    ("more", "provider"),
    [
        ({"host": "x.mx.mail.example.", "recipient_domain": "other.example"}, "mail"),
        ({"host": "mx.other.example", "recipient_domain": MAIL}, "mail"),
        ({"recipient_domain": "other.example", "provider": "MAIL "}, "mail"),
        ({"recipient_domain": "other.example", "provider": "mail"}, "mail"),
        ({"recipient_domain": "other.example", "provider": "Unheard of"}, ""),
        ({"recipient_domain": None}, ""),
    ],
)
def test_the_provider_is_known_by_host_then_domain_then_the_platforms_name(more, provider):
    (key,) = tally(event("delivered")._replace(**more)).facts
    assert key.provider == provider


def test_a_reply_may_name_the_provider_that_nothing_else_does():
    made = tally(event("bounced", "550 blocked")._replace(recipient_domain="other.example"))
    assert [key.provider for key in made.facts] == ["mail"]
    ((key, found),) = made.replies.items()
    assert (key.provider, key.class_, key.rule, key.subject) == ("mail", ReplyClass.IP_BLOCK, "blocked", "")
    assert found == ReplyCounts(0, 1, 0, "550 blocked")


def test_a_sample_is_masked_and_visible():
    made = tally(event("bounced", "550 no <person.secret@mail.example>\nmailbox\x1b[2J"))
    ((_, found),) = made.replies.items()
    assert "person.secret" not in found.sample
    assert found.sample.isprintable()


@pytest.mark.parametrize("class_", [ReplyClass.UNKNOWN_RECIPIENT, ReplyClass.MAILBOX_FULL, ReplyClass.OTHER_PERMANENT])
def test_no_sample_is_kept_of_what_was_said_of_a_recipient(class_):
    rules = replace(RULES, classify=lambda *_: Classification(class_, rule="a-rule"))
    made = tally(event("bounced", "550 5.1.1 the person whose name is Secret does not live here"), rules=rules)
    ((_, found),) = made.replies.items()
    assert found == ReplyCounts(0, 1, 0, "")


def test_what_is_not_understood_is_clustered_and_makes_no_observation():
    later = EIGHT + timedelta(hours=2)
    made = tally(event("bounced", "554 refused 17"), event("deferred", "554 refused 18", at=later))
    assert made.replies == {}
    (cluster,) = made.clusters
    assert cluster == ("N refused N", 2, True, EIGHT, later)


def test_a_list_that_is_cited_and_on_is_to_be_looked_at():
    made = tally(event("bounced", "550 see zen"), event("bounced", "550 see zen"), event("bounced", "550 no"))
    assert made.look_requests == (("zen", Subject(SubjectKind.IPV4, "192.0.2.99")),)
    assert {key.subject for key in made.replies} == {"192.0.2.99", ""}


def test_a_list_that_is_off_is_not():
    off = TallyRules.of(PROVIDERS, RULES.classify, {"other"})
    assert tally(event("bounced", "550 see zen"), rules=off).look_requests == ()


def test_a_citation_that_names_nobody_means_the_sending_address_and_nonsense_means_nobody():
    def named(subject):
        def classify(reply, host, domain):
            return Classification(ReplyClass.DNSBL_CITED, blocklist="zen", subject=subject, rule="zen")

        rules = TallyRules.of(PROVIDERS, classify, {"zen"})
        return [str(subject) for _, subject in tally(event("bounced", "550"), rules=rules).look_requests]

    assert named(None) == ["192.0.2.10"]
    assert named("not a name") == []


def test_senders_are_named_by_role_with_their_attempts():
    made = tally(
        event("delivered", domain="news.acme.example", dkim_domain="acme.example", link_domain="l.acme.example"),
        event("delivered", domain="news.acme.example"),
        event("complained", domain="news.acme.example"),
        Measure(EIGHT, timedelta(days=1), "192.0.2.77", attempted=9),
    )
    assert made.senders == {
        SenderKey("kumomta", "ip", "192.0.2.10"): 2,
        SenderKey("kumomta", "envelope", "news.acme.example"): 2,
        SenderKey("kumomta", "dkim", "acme.example"): 1,
        SenderKey("kumomta", "link", "l.acme.example"): 1,
        SenderKey("kumomta", "ip", "192.0.2.77"): 0,
    }


def test_hours_are_utc_and_apart():
    made = tally(event("delivered"), event("delivered", at=EIGHT + timedelta(minutes=59, seconds=59)))
    assert [(key.hour_at, found.attempted) for key, found in made.facts.items()] == [(EIGHT, 2)]
    made = tally(event("delivered", at=EIGHT + timedelta(hours=1)), event("delivered"))
    assert {key.hour_at for key in made.facts} == {EIGHT, EIGHT + timedelta(hours=1)}
    assert made.last_event_at == EIGHT + timedelta(hours=1)


def test_what_is_still_to_come_is_rejected_and_may_come_again():
    made = tally(event("delivered"), event("delivered", at=NOW + timedelta(days=1, seconds=1), event_id="7"))
    assert (made.read, made.accepted, made.rejected) == (2, 1, 1)
    assert made.rejections[0].line == 2
    assert "still to come" in made.rejections[0].why
    assert made.event_ids == set()


def test_what_is_long_ago_is_taken_as_what_it_is():
    at = datetime(2016, 6, 1, 23, 42, tzinfo=UTC)
    made = tally(event("delivered"), event("bounced", at=at, reply="550 blocked (S3140)"))
    assert {key.hour_at.year for key in made.facts} == {2016, 2026}
    assert made.first_reply_at == at.replace(minute=0)


def test_measures_and_signals_replace_and_their_provider_is_named():
    week = timedelta(days=7)
    signal = Signal(SignalName.SPAM_RATE, "mail", "acme.example", date(2026, 11, 25), 0.001)
    later = Signal(SignalName.SPAM_RATE, "mail", "acme.example", date(2027, 1, 1), 0.001)
    made = tally(
        Measure(EIGHT, week, provider="Mail"),
        Measure(EIGHT, week, provider="Free"),
        Measure(EIGHT, week),
        signal,
        later,
    )
    assert [measure.provider for measure in made.measures] == ["mail", "Free", None]
    assert made.signals == [signal]
    assert (made.accepted, made.rejected, made.last_event_at) == (4, 1, EIGHT)


def test_each_event_counts_once_and_everything_read_is_accounted_for():
    twice = event("delivered", event_id="a")
    made = tally(
        twice,
        twice,
        event("delivered", event_id="b"),
        Ignored("c"),
        Ignored("c"),
        Ignored(),
        Rejection(7, "is no record"),
        seen={event_digest("b")},
    )
    assert (made.read, made.accepted, made.duplicates, made.rejected) == (7, 3, 3, 1)
    assert made.event_ids == {event_digest("a"), event_digest("c")}
    assert list(made.facts.values()) == [FactCounts(1, 1, 0, 0)]


def test_a_digest_fits_a_database_integer():
    assert all(0 <= event_digest(str(number)) < 1 << 63 for number in range(200))
    assert event_digest("\ud800") != event_digest("?")


def test_hours_before_utc_midnight_in_another_zone_are_the_same_hour():
    at = datetime(2026, 11, 26, 3, 30, tzinfo=UTC)
    (key,) = tally(event("delivered", at=at)).facts
    assert key.hour_at == datetime(2026, 11, 26, 3, tzinfo=UTC)
