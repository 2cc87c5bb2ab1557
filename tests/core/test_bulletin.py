"""Which news a report brings."""

from dataclasses import replace
from datetime import date, timedelta

from deliverwatch.core.bulletin import Bulletin, BulletinItem, bulletin_of
from deliverwatch.core.inventory import Language

MONDAY = date(2026, 11, 16)
DAY = timedelta(days=1)


def item(on, until=None, id_="a"):
    words = {language: f"{id_} in {language}" for language in Language}
    return Bulletin(id_, on, until, words, words, "https://esp.example/news")


def ids(*items, told=()):
    return [each.id for each in bulletin_of(items, MONDAY, Language.EN, told)]


def test_what_happened_in_the_week_is_told_in_the_readers_language():
    told = bulletin_of([item(MONDAY)], MONDAY, Language.DE)
    assert told == (BulletinItem(MONDAY, "a in de", "a in de", "https://esp.example/news", "a"),)


def test_a_week_is_from_monday_to_sunday():
    days = [MONDAY - DAY, MONDAY, MONDAY + 6 * DAY, MONDAY + 7 * DAY]
    assert ids(*(item(day, id_=str(number)) for number, day in enumerate(days))) == ["2", "1"]


def test_what_is_still_worth_telling_is_told_to_who_has_not_read_it():
    old = item(MONDAY - 90 * DAY, MONDAY)
    assert ids(old) == ["a"]
    assert ids(replace(old, until=MONDAY - DAY)) == []
    assert ids(old, told=["a"]) == []


def test_three_at_once_the_newest_first():
    assert ids(*(item(MONDAY + number * DAY, id_=str(number)) for number in range(5))) == ["4", "3", "2"]
