"""What comes and goes: one message, and then silence until it is the same for a day."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.flapping import FlappingPolicy, Unstable, calm, settled
from deliverwatch.core.listing import ListingState, Phase
from deliverwatch.core.subjects import parse_subject
from samples import NOON

POLICY = FlappingPolicy()
HOUR = timedelta(hours=1)
SUBJECT, OTHER = parse_subject("192.0.2.10"), parse_subject("192.0.2.11")
OPENED, CLOSED = EventKind.LISTING_OPENED, EventKind.LISTING_CLOSED
KNOWN = Unstable(NOON - 30 * HOUR, NOON - 20 * HOUR)


def event(kind=OPENED, subject=SUBJECT, at=NOON, **facts):
    return Event(f"{kind}/zen/{subject}", kind, at, "zen", subject, {"impact": "high", **facts})


def told(events):
    return [each.kind for each in events if not each.facts.get("quiet")]


@pytest.mark.parametrize(("openings", "kind"), [(0, OPENED), (2, OPENED), (3, EventKind.LISTING_UNSTABLE)])
def test_the_fourth_opening_is_the_last_one_told(openings, kind):
    events, unstable = calm([event()], {}, {SUBJECT: openings}, POLICY)
    assert told(events) == [kind]
    assert OPENED in [each.kind for each in events], "the episode is kept"
    assert bool(unstable) is (kind is EventKind.LISTING_UNSTABLE)


def test_it_says_how_often_within_which_time():
    (unstable, _), _ = calm([event()], {}, {SUBJECT: 3}, POLICY)
    assert (unstable.facts["openings"], unstable.facts["within_hours"]) == (4, 72)
    assert unstable.facts["impact"] == "high"


@pytest.mark.parametrize("kind", [OPENED, CLOSED])
def test_from_then_on_each_coming_and_going_is_quiet_and_starts_the_day_anew(kind):
    events, unstable = calm([event(kind)], {SUBJECT: KNOWN}, {}, POLICY)
    assert told(events) == []
    assert unstable == {SUBJECT: Unstable(KNOWN.since, NOON)}


@pytest.mark.parametrize(
    ("known", "parties"),
    [(replace(KNOWN, changed_at=NOON - 24 * HOUR), ()), (replace(KNOWN, parties=("acme",)), ("bravo",))],
    ids=["the same for a day, though nobody saw it", "told to others"],
)
def test_what_nobody_now_concerned_was_told_of_is_told(known, parties):
    events, _ = calm([event(parties=list(parties))], {SUBJECT: known}, {}, POLICY)
    assert told(events) == [OPENED]


def test_others_are_as_loud_as_before():
    events, unstable = calm([event(subject=OTHER)], {SUBJECT: KNOWN}, {}, POLICY)
    assert (told(events), unstable) == ([OPENED], {})


def test_what_changes_of_an_unstable_one_is_quiet_and_neither_comes_nor_goes():
    events, unstable = calm([event(EventKind.LISTING_CHANGED)], {SUBJECT: KNOWN}, {}, POLICY)
    assert (told(events), unstable) == ([], {SUBJECT: KNOWN})


def settle(known, state=None, at=NOON):
    return [each for _, each in settled("zen", {SUBJECT: known}, {SUBJECT: state} if state else {}, at, POLICY)]


@pytest.mark.parametrize("hours", [0, 23])
def test_less_than_a_day_settles_nothing(hours):
    assert settle(Unstable(NOON - 30 * HOUR, NOON - hours * HOUR)) == []


@pytest.mark.parametrize("state", [None, ListingState(Phase.LISTED, NOON, NOON - 24 * HOUR, ("127.0.0.2",))])
def test_after_a_day_it_is_told_what_it_settled_to(state):
    known = replace(KNOWN, changed_at=NOON - 24 * HOUR)
    (found,) = settle(known, state)
    assert (found.kind, found.facts["listed"]) == (EventKind.LISTING_SETTLED, state is not None)
    assert found.facts["since"] == known.changed_at.isoformat()


@pytest.mark.parametrize(
    "state",
    [
        ListingState(Phase.SUSPECTED, NOON, NOON),
        ListingState(Phase.LISTED, NOON, NOON - HOUR, doubted=True),
        ListingState(Phase.LISTED, NOON, NOON - HOUR, clear_count=1, clear_since=NOON),
    ],
)
def test_what_is_about_to_move_has_not_settled(state):
    assert settle(replace(KNOWN, changed_at=NOON - 24 * HOUR), state) == []


def test_a_clock_that_was_ahead_keeps_nobody_silent():
    assert len(settle(Unstable(NOON + 8000 * HOUR, NOON + 9000 * HOUR))) == 1


@given(
    events=st.lists(
        st.builds(
            event, st.sampled_from([OPENED, CLOSED, EventKind.LISTING_CHANGED]), st.sampled_from([SUBJECT, OTHER])
        ),
        max_size=4,
        unique_by=lambda each: each.key,
    ),
    known=st.booleans(),
    openings=st.integers(0, 6),
)
def test_no_event_is_lost(events, known, openings):
    calmed, _ = calm(events, {SUBJECT: KNOWN} if known else {}, {OTHER: openings}, POLICY)
    assert [each.key for each in calmed if each.kind is not EventKind.LISTING_UNSTABLE] == [each.key for each in events]
