"""Silences: what they cover, how long they are on, and what is left to tell when they are over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.joining import Earlier, Part
from deliverwatch.core.routing import Family
from deliverwatch.core.settling import Freed, Word, left_to_tell
from deliverwatch.core.silences import Silence, covers
from deliverwatch.core.subjects import parse_subject

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
SILENCE = Silence("s-1", NOON, NOON + HOUR, "tam", "known")


def listing(subject="192.0.2.10", list_id="zen"):
    return Event("e", EventKind.LISTING_OPENED, NOON, list_id, parse_subject(subject), {"parties": ["acme"]})


def block(provider="microsoft"):
    facts = {"provider": provider}
    return Event("b", EventKind.BLOCK_OPENED, NOON, "", parse_subject("192.0.2.10"), facts)


@pytest.mark.parametrize(
    ("cover", "event", "covered"),
    [
        ({"subject": "192.0.2.10"}, listing(), True),
        ({"subject": "192.0.2.0/28"}, listing(), True),
        ({"subject": "192.0.2.11"}, listing(), False),
        ({"subject": "2001:db8::/64"}, listing("2001:db8::10"), True),
        ({"subject": "192.0.2.0/28"}, listing("2001:db8::10"), False),
        ({"subject": "acme.example"}, listing("news.acme.example"), True),
        ({"subject": "acme.example"}, listing("acme.example"), True),
        ({"subject": "acme.example"}, listing("badacme.example"), False),
        ({"subject": "acme.example"}, listing(), False),
        ({"subject": "192.0.2.10"}, replace(listing(), subject=None), False),
        ({"place": "zen"}, listing(), True),
        ({"place": "zen"}, listing(list_id="other"), False),
        ({"place": "microsoft"}, block(), True),
        ({"place": "microsoft"}, block("google"), False),
        ({"family": Family.BLOCK}, block(), True),
        ({"family": Family.BLOCK}, listing(), False),
        ({"family": Family.LISTING, "place": "other"}, listing(), False),
        ({"customer": "acme"}, listing(), True),
        ({"customer": "bravo"}, listing(), False),
    ],
)
def test_it_covers_what_fits_every_field(cover, event, covered):
    assert covers(replace(SILENCE, **cover), [event], ["acme"]) is covered


def test_one_that_is_not_covered_is_reason_enough_to_tell():
    one = replace(SILENCE, subject="192.0.2.10")
    assert not covers(one, [listing(), listing("192.0.2.11")], ["acme"])
    assert not covers(replace(SILENCE, customer="acme"), [listing()], ["acme", "bravo"])
    assert not covers(replace(SILENCE, customer="acme"), [listing()], [])


def test_it_is_on_from_its_beginning_until_its_end_or_until_somebody_ends_it():
    assert [SILENCE.is_on(NOON + step * HOUR / 2) for step in (-1, 0, 1, 2)] == [False, True, True, False]
    ended = replace(SILENCE, ended_at=NOON + HOUR / 2)
    assert [ended.is_on(NOON + step * HOUR / 2) for step in (0, 1)] == [True, False]


def freed(id_, part, *episodes, stands=(), earlier=()):
    return Freed(id_, part, frozenset(episodes), frozenset(stands), earlier)


def owed(id_, state):
    return Earlier(id_, state, 0, "s-1")


SILENCED, SENT = NotificationState.SILENCED, NotificationState.SENT


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ([freed("b", Part.BEGINS, "1", stands="1")], [Word.TELL]),
        ([freed("b", Part.BEGINS, "1")], [Word.NOTHING]),
        (
            [
                freed("b", Part.BEGINS, "1"),
                freed("e", Part.ENDS, "1", earlier=[owed("b", SILENCED)]),
            ],
            [Word.NOTHING, Word.NOTHING],
        ),
        ([freed("e", Part.ENDS, "1", earlier=[owed("b", SENT)])], [Word.TELL]),
        ([freed("e", Part.ENDS, "1")], [Word.TELL]),
        ([freed("e", Part.ENDS, "1", earlier=[owed("b", SILENCED)])], [Word.WAITS]),
        (
            [
                freed("b", Part.BEGINS, "1", "2", stands="2"),
                freed("e", Part.ENDS, "1", earlier=[owed("b", SILENCED)]),
            ],
            [Word.TELL, Word.TELL],
        ),
        (
            [
                freed("c1", Part.CHANGES, "1", stands="1", earlier=[owed("b", SENT)]),
                freed("c2", Part.CHANGES, "1", stands="1", earlier=[owed("b", SENT)]),
            ],
            [Word.NOTHING, Word.TELL],
        ),
        ([freed("a", Part.ALONE, stands=["a"]), freed("z", Part.ALONE)], [Word.TELL, Word.NOTHING]),
    ],
)
def test_only_the_difference_is_left_to_tell(kept, words):
    assert left_to_tell(kept) == dict(zip((each.id for each in kept), words, strict=True))
