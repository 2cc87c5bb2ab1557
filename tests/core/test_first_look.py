"""A listing that was there when we first looked is told as that, and only where it is certain."""

from datetime import timedelta

import pytest

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.first_look import with_first_look
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.subjects import parse_subject
from samples import NOON

HOUR = timedelta(hours=1)
ADDED_AT = NOON - 10 * HOUR


def first_look(*verified_hours, added_at=ADDED_AT, kind=EventKind.LISTING_OPENED, name="192.0.2.10", **asset):
    """`verified_hours`: when the list was verified, in hours from when the subject was seen listed."""
    subject = parse_subject("192.0.2.10")
    event = Event("x", kind, NOON, "zen", subject, {"opened_at": NOON.isoformat()})
    holdings = Holdings([Asset(name, "acme", added_at=added_at, **asset)])
    told = with_first_look(event, holdings, [NOON + hours * HOUR for hours in verified_hours])
    return told.facts.get("first_look", False)


@pytest.mark.parametrize(
    ("verified_hours", "is_first"),
    [
        ((), True),  # the list was never verified before
        ((0,), True),  # it was seen in the first round, and confirmed in the next
        ((-11,), True),  # before we knew of the subject
        ((-11, -12), True),
        ((-1,), False),
        ((-10,), False),
        ((0, -1), False),
        ((2, 1), False),  # what was before that is not known any more
        ((1, 0), False),
    ],
)
def test_it_was_when_the_list_was_not_verified_since_we_learnt_of_the_subject(verified_hours, is_first):
    assert first_look(*verified_hours) is is_first


def test_nobody_looked_before_it_was_held():
    assert first_look(-24 * 3, added_at=NOON - 24 * 9 * HOUR, from_on=(NOON - 24 * HOUR).date())
    assert not first_look(-24 * 3, added_at=NOON - 24 * 9 * HOUR)


def test_a_subject_that_was_watched_for_somebody_else_is_not_new():
    event = Event("x", EventKind.LISTING_OPENED, NOON, "zen", parse_subject("192.0.2.10"), {"opened_at": f"{NOON}"})
    old, new = (Asset(f"192.0.2.{net}", "acme", added_at=at) for net, at in (("0/24", NOON - 99 * HOUR), ("10", NOON)))
    assert "first_look" not in with_first_look(event, Holdings([old, new]), [NOON - HOUR]).facts


def test_of_what_nobody_holds_nothing_is_said():
    assert not first_look(name="198.51.100.1")


@pytest.mark.parametrize("kind", sorted(set(EventKind) - {EventKind.LISTING_OPENED}))
def test_only_a_beginning_can_be_one(kind):
    assert not first_look(kind=kind)
