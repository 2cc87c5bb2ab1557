"""Who is told, once each, and of what."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.alerting import (
    LATE_DATA,
    LISTING_EVENTS,
    SENDER_EVENTS,
    Audience,
    RetryPolicy,
    Told,
    correction,
    next_attempt_at,
    route,
)
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.inventory import Tam
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health
from samples import NOON, customer

SUBJECT = parse_subject("203.0.113.2")
ACME = customer("acme")
BRAVO = customer("bravo")
CHARLIE = customer("charlie", tam=ACME.tam)


def event(kind=EventKind.LISTING_OPENED, **facts):
    return Event(f"{kind}/zen/203.0.113.2", kind, NOON, "zen", SUBJECT, facts)


def told(made):
    return {(each.recipient, each.audience): each.customers for each in made}


def test_a_tam_sees_only_their_own_customers():
    assert told(route(event(), ["ops@esp.example"], [BRAVO, ACME, CHARLIE])) == {
        ("ops@esp.example", Audience.OPERATOR): ("acme", "bravo", "charlie"),
        ("tam-acme@esp.example", Audience.TAM): ("acme", "charlie"),
        ("tam-bravo@esp.example", Audience.TAM): ("bravo",),
    }


def test_an_operator_who_is_also_a_tam_is_told_once_as_operator():
    assert told(route(event(), ["tam-acme@esp.example"], [ACME, BRAVO])) == {
        ("tam-acme@esp.example", Audience.OPERATOR): ("acme", "bravo"),
        ("tam-bravo@esp.example", Audience.TAM): ("bravo",),
    }


@pytest.mark.parametrize("kind", sorted(set(EventKind) - LISTING_EVENTS - SENDER_EVENTS - {EventKind.LIST_FAILING}))
def test_what_needs_a_hand_on_the_installation_goes_to_the_operator_alone(kind):
    made = route(event(kind, was=Health.QUARANTINED), ["ops@esp.example"], [ACME])
    assert {each.audience for each in made} == {Audience.OPERATOR}


@pytest.mark.parametrize("kind", sorted(SENDER_EVENTS - {EventKind.WARMUP_RELEASED}))
def test_what_providers_do_with_a_senders_mail_is_the_account_managers_to_know(kind):
    made = route(event(kind), ["ops@esp.example"], [ACME])
    assert told(made)["tam-acme@esp.example", Audience.TAM] == ("acme",)
    assert route(event(kind, quiet=True), ["ops@esp.example"], [ACME]) == ()


def test_a_hold_taken_back_by_late_data_is_told_and_a_persons_release_is_not():
    made = route(event(EventKind.WARMUP_RELEASED, why=LATE_DATA), ["ops@esp.example"], [ACME])
    assert {each.audience for each in made} == {Audience.OPERATOR, Audience.TAM}
    assert route(event(EventKind.WARMUP_RELEASED, by="ann", reason="mended"), ["ops@esp.example"], [ACME]) == ()


def test_one_bad_round_and_its_end_are_shown_and_not_sent():
    assert route(event(EventKind.LIST_FAILING), ["ops@esp.example"], []) == ()
    assert route(event(EventKind.LIST_RECOVERED, was=Health.FAILING), ["ops@esp.example"], []) == ()


def test_nobody_concerned_and_no_operator_is_nobody_told():
    assert route(event(), [], []) == ()


@settings(deadline=None)
@given(
    st.permutations([ACME, BRAVO, CHARLIE]),
    st.lists(st.sampled_from(["ops@esp.example", "tam-acme@esp.example", "second@esp.example"]), max_size=4),
)
def test_the_same_event_makes_the_same_messages_whatever_the_order(parties, operators):
    made = route(event(), operators, parties)
    assert {each.id for each in made} == {each.id for each in route(event(), operators, [ACME, BRAVO, CHARLIE])}
    assert len({each.recipient for each in made}) == len(made)
    assert all(each.message_id == each.id for each in made)


def test_each_event_recipient_and_channel_has_an_identity_of_its_own():
    other = Event("another", EventKind.LISTING_OPENED, NOON, "zen", SUBJECT)
    lists = [route(event(), ["a@x.example"], []), route(other, ["a@x.example"], [])]
    lists += [route(event(), ["b@x.example"], []), route(event(), ["a@x.example"], [], channel="other")]
    assert len({each.id for made in lists for each in made}) == 4


def test_a_tam_of_two_names_is_told_by_address():
    twin = customer("twin", tam=Tam("Another name", ACME.tam.email))
    assert told(route(event(), [], [ACME, twin])) == {("tam-acme@esp.example", Audience.TAM): ("acme", "twin")}


def test_attempts_are_spaced_and_end():
    policy = RetryPolicy()
    waits = [next_attempt_at(policy, NOON, attempt, NOON) - NOON for attempt in range(1, 8)]
    assert waits == [*policy.delays, policy.delays[-1], policy.delays[-1]]
    late = NOON + timedelta(hours=46)
    assert next_attempt_at(policy, NOON, 9, late) is None
    assert next_attempt_at(policy, NOON, 1, late) == late + timedelta(minutes=1)


def test_account_managers_wait_for_what_is_held_and_the_operator_does_not():
    made = route(event(), ["ops@esp.example"], [ACME], hold_for=timedelta(minutes=30))
    waits = {each.audience: each.not_before for each in made}
    assert waits == {Audience.OPERATOR: None, Audience.TAM: NOON + timedelta(minutes=30)}


def test_what_is_quiet_and_what_never_was_is_sent_to_nobody():
    assert route(event(quiet=True), ["ops@esp.example"], [ACME]) == ()
    assert route(event(EventKind.LISTING_CLOSED, ended=Ending.VOID), ["ops@esp.example"], [ACME]) == ()
    assert route(event(EventKind.LISTING_CLOSED, ended=Ending.DELISTED), ["ops@esp.example"], [ACME])


@pytest.mark.parametrize(("was", "told"), [("stopped", True), (Health.QUARANTINED, True), (Health.FAILING, False)])
def test_the_end_of_what_was_told_is_told(was, told):
    assert bool(route(event(EventKind.LIST_RECOVERED, was=was), ["ops@esp.example"], [])) is told


def test_a_correction_goes_where_the_first_message_went_and_names_it():
    first, _ = route(event(), ["ops@esp.example"], [ACME])
    end = event(EventKind.LISTING_CLOSED, ended=Ending.VOID)
    taken_back = correction(end, first, NOON)
    assert (taken_back.recipient, taken_back.audience) == (first.recipient, first.audience)
    assert taken_back.corrects == Told(first.message_id, NOON)
    assert taken_back.id != first.id
    assert correction(end, first, NOON) == taken_back, "however often it is made, it is the same message"
