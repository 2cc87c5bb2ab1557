"""A reminder each week, once, from the episode alone."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.events import EventKind
from deliverwatch.core.reminders import GoesOn, reminders, week_due
from deliverwatch.core.subjects import parse_subject
from samples import NOON

DAY = timedelta(days=1)
TODAY = NOON.date()


def going_on(address, told_at=NOON - 7 * DAY - timedelta(hours=13), alike="same", drafts=(), **facts):
    given = {"drafts": [{"id": each} for each in drafts], "parties": ["acme"], **facts}
    key = f"listing_opened/zen/{address}"
    return GoesOn(EventKind.STILL_LISTED, key, "zen", parse_subject(address), told_at, alike, given)


def due(*standing, after=TODAY - DAY, until=TODAY):
    return reminders(standing, after, until, NOON)


@given(st.integers(0, 60), st.integers(0, 23), st.lists(st.integers(1, 9), min_size=1, max_size=30))
def test_each_week_comes_up_once_however_the_days_are_cut(before, hour, steps):
    """A daemon that is off for some days makes up the newest week, and no week comes up twice."""
    told_at = datetime.combine(TODAY - before * DAY, time(hour, 30), UTC)
    weeks, after = [], TODAY
    for step in steps:
        until = after + step * DAY
        if (week := week_due(told_at, after, until)) is not None:
            weeks.append(week)
        after = until
    assert weeks == sorted(set(weeks))
    full_then, full_now = (_full_weeks(told_at, day) for day in (TODAY, after))
    assert weeks[-1:] == ([full_now] if full_now > full_then else [])


def _full_weeks(told_at, day):
    return max((datetime.combine(day, time(), UTC) - told_at) // timedelta(days=7), 0)


def test_nobody_is_reminded_within_the_first_week():
    told_at = datetime(2026, 11, 11, 0, 1, tzinfo=UTC)
    assert week_due(told_at, date(2026, 11, 11), date(2026, 11, 18)) is None
    assert week_due(told_at, date(2026, 11, 18), date(2026, 11, 19)) == 1
    assert week_due(told_at, date(2026, 11, 19), date(2026, 11, 25)) is None
    assert week_due(told_at, date(2026, 11, 19), date(2026, 12, 4)) == 3


def test_what_was_told_as_one_and_is_still_alike_is_one_message():
    events = due(going_on("192.0.2.10", drafts=["d-1"]), going_on("192.0.2.11", drafts=["d-1", "d-2"]))
    lead, other = events
    assert lead.key == "reminder/listing_opened/zen/192.0.2.10/1"
    assert lead.facts["members"] == ["192.0.2.10/31"]
    assert [each["id"] for each in lead.facts["drafts"]] == ["d-1", "d-2"]
    assert (other.facts["quiet"], other.facts["incident"]) == (True, lead.key)


def test_what_differs_is_told_apart():
    listed = going_on("192.0.2.10")
    assert len(due(listed, going_on("192.0.2.11", alike="other"))) == 2
    apart = due(listed, going_on("192.0.2.11", alike="other"), going_on("192.0.2.12", NOON - 8 * DAY))
    assert not any(event.facts.get("quiet") for event in apart)


def test_it_says_when_it_was_told_and_which_week_it_is():
    (event,) = due(going_on("192.0.2.10", NOON - 21 * DAY - timedelta(hours=13)))
    assert event.facts["week"] == 3
    assert datetime.fromisoformat(event.facts["told_at"]) == NOON - 21 * DAY - timedelta(hours=13)
    assert event.at == NOON
