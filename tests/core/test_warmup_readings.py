"""Readings of a platform's own warm-up: which one counts, and since when it goes on."""

from datetime import UTC, date, datetime, timedelta, timezone

from deliverwatch.core.platform import PlatformIp, PlatformSnapshot
from deliverwatch.core.warmup.readings import (
    is_tracked,
    latest,
    no_longer_listed,
    of_snapshot,
    reading_of_day,
    stretch_began_on,
    tracked,
)
from deliverwatch.core.warmup.run import Reading

NIGHT = datetime(2026, 11, 2, 0, 5, tzinfo=UTC)


def on(day, stage=None, *, warming=True, hour=0, ip="192.0.2.10", **more):
    at = NIGHT + timedelta(days=day - 2, hours=hour)
    return Reading("sparkpost", ip, at.date(), at, warming, stage, **more)


def off(day, **more):
    return on(day, warming=False, **more)


def november(day):
    return date(2026, 11, day)


def test_the_newest_counts_in_whatever_order_they_come():
    early, late, before = on(5, 3), on(5, 4, hour=6), on(4, 2)
    assert latest([late, before, early]) is latest([early, before, late]) is late
    assert reading_of_day([late, before, early], november(5)) is late
    assert reading_of_day([late, before], november(6)) is None
    assert latest([]) is None


def test_a_stretch_goes_back_to_where_it_began():
    assert stretch_began_on([on(5, 3), on(4, 2), on(3, 1)]) == november(3)
    assert stretch_began_on([on(3, 1), off(4), on(6, 1), on(7, 2)]) == november(6)
    assert stretch_began_on([on(3, 1), off(4)]) is None
    assert stretch_began_on([]) is None


def test_days_without_a_reading_end_no_stretch():
    assert stretch_began_on([on(3, 1), on(9, 4)]) == november(3)


def test_another_start_is_another_warmup():
    first, again = {"started_on": november(1)}, {"started_on": november(6)}
    assert stretch_began_on([on(3, 3, **first), on(6, 1, **again), on(7, 2, **again)]) == november(6)
    assert stretch_began_on([on(3, 3, **first), on(6, 4)]) == november(3)


def test_a_run_is_tracked_from_the_first_stage_that_was_told():
    readings = tracked([on(1, 9), off(9), on(11, 1), on(12, 2)], november(11))
    assert [each.on.day for each in readings] == [11, 12]
    assert not is_tracked(readings, november(10))
    assert is_tracked(readings, november(11))
    assert is_tracked(readings, november(20))
    assert tracked([on(10, 1)], november(11)), "the platform may have begun a day earlier"
    assert not is_tracked([on(11), off(12)], november(20)), "no stage, nothing to follow"


def test_every_address_of_a_snapshot_gives_one_on_the_utc_day():
    read_at = datetime(2026, 11, 2, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    ips = (PlatformIp("192.0.2.10", "news", 5), PlatformIp("192.0.2.11", "news"))
    first, second = of_snapshot(PlatformSnapshot("sparkpost", read_at, ips))
    assert first == Reading("sparkpost", "192.0.2.10", november(3), read_at, warming=True, stage=5, pool="news")
    assert second == Reading("sparkpost", "192.0.2.11", november(3), read_at, warming=False, pool="news")


def test_what_is_listed_no_longer_is_told_once():
    before = [on(3, 1), on(4, 2, pool="p"), off(4, ip="192.0.2.11"), on(4, 7, ip="192.0.2.12")]
    (gone,) = no_longer_listed(before, [on(5, 8, ip="192.0.2.12")], NIGHT + timedelta(days=3))
    assert (gone.ip, gone.on, gone.warming, gone.stage, gone.pool) == ("192.0.2.10", november(5), False, None, "p")
    assert no_longer_listed([*before, gone], [on(5, 8, ip="192.0.2.12")], NIGHT + timedelta(days=4)) == []
