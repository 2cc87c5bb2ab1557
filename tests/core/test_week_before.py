"""A week beside the one before: when they can be compared, and what is restated."""

from dataclasses import replace

import pytest

from deliverwatch.core.events import Ending
from deliverwatch.core.week_before import FigureName, LastWeek, Restated
from deliverwatch.core.week_listings import ListingCounts
from deliverwatch.core.week_mail import WeekMail
from render.weeks import GREAT, MIDDLE, WEEK, WEEK_BEFORE, last_week, listing, mail, week

IP = "192.0.2.10"
OLD = (
    listing(GREAT, IP, -200, -100, Ending.DELISTED),
    listing(MIDDLE, IP, -50),
    listing(MIDDLE, "192.0.2.9", -40, -30, Ending.VOID),
)


def before(last, listings=OLD, **more):
    return week(listings=listings, last_week=last, **more).before


def test_its_listings_are_those_of_its_own_span_as_they_look_today():
    assert before(last_week()).listings == ListingCounts(open_at_end=1, opened=1, closed=1)


def test_a_week_without_a_report_is_not_compared_with():
    assert before(None).listings is None
    assert before(LastWeek(WEEK_BEFORE)).listings is None
    assert before(LastWeek(WEEK_BEFORE)).restated == ()


@pytest.mark.parametrize(("hours", "compared"), [(3359, False), (3360, True), (9000, True)])
def test_one_in_which_less_than_half_was_due_is_not_either(hours, compared):
    assert (before(last_week(watch_hours=hours)).listings is not None) is compared


@pytest.mark.parametrize(("ratio", "enough"), [(0.94, False), (0.95, True)])
def test_how_much_of_it_was_verified_is_what_its_report_said(ratio, enough):
    found = before(last_week(verified_ratio=ratio))
    assert (found.verified_ratio, found.enough_verified) == (ratio, enough)


def test_what_its_report_said_otherwise_is_restated():
    said = {"opened": 2, "open_at_end": 1, "closed": 1, "attempted": 90, "delivered": None, "bounced": 3}
    counted = [mail(WEEK_BEFORE, attempted=100, delivered=80, bounced=3)]
    assert before(last_week(counted, **said)).restated == (
        Restated(FigureName.OPENED, 2, 1),
        Restated(FigureName.ATTEMPTED, 90, 100),
    )


def test_its_mail_is_measured_even_where_nothing_else_is_compared():
    counted = (mail(WEEK_BEFORE, attempted=7),)
    assert before(LastWeek(WEEK_BEFORE, {}, counted)).mail == WeekMail(7)


def test_the_figures_of_a_report_are_what_the_next_one_compares():
    counted = [mail(WEEK, attempted=10, delivered=9)]
    report = week(listings=[listing(GREAT, IP, 5)], counted=counted)
    assert report.figures == {
        "open_at_end": 1,
        "opened": 1,
        "closed": 0,
        "attempted": 10,
        "delivered": 9,
        "deferred": None,
        "bounced": None,
        "verified_ratio": 1.0,
        "watch_hours": 6720,
    }
    assert all(isinstance(each, int | float | None) for each in report.figures.values())


def test_a_report_compared_with_itself_restates_nothing():
    counted = [mail(WEEK, attempted=10, delivered=9, deferred=0, bounced=1)]
    found = [listing(GREAT, IP, 5), listing(MIDDLE, IP, -9, 9, Ending.DELISTED)]
    first = week(listings=found, counted=counted)
    again = replace(last_week(counted), span=WEEK, said=first.figures)
    later = week(listings=found, last_week=again)
    assert later.before.restated == ()
