"""How often a message is tried, and what takes one back."""

from datetime import timedelta

from deliverwatch.core.alerting import RetryPolicy, Told, correction, next_attempt_at
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.subjects import parse_subject
from samples import NOON, customer

SUBJECT = parse_subject("203.0.113.2")
ACME = customer("acme")


def event(kind=EventKind.LISTING_OPENED, **facts):
    return Event(f"{kind}/zen/203.0.113.2", kind, NOON, "zen", SUBJECT, facts)


def test_attempts_are_spaced_and_end():
    policy = RetryPolicy()
    waits = [next_attempt_at(policy, NOON, attempt, NOON) - NOON for attempt in range(1, 8)]
    assert waits == [*policy.delays, policy.delays[-1], policy.delays[-1]]
    late = NOON + timedelta(hours=46)
    assert next_attempt_at(policy, NOON, 9, late) is None
    assert next_attempt_at(policy, NOON, 1, late) == late + timedelta(minutes=1)


def test_a_correction_goes_where_the_first_message_went_and_names_it():
    first, _ = route(event(), Routing(("ops@esp.example",)), [ACME])
    end = event(EventKind.LISTING_CLOSED, ended=Ending.VOID)
    taken_back = correction(end, first, NOON)
    assert (taken_back.recipient, taken_back.audience) == (first.recipient, first.audience)
    assert taken_back.corrects == Told(first.message_id, NOON)
    assert taken_back.id != first.id
    assert correction(end, first, NOON) == taken_back, "however often it is made, it is the same message"
