"""A silence covers something, for at most thirty days, with a reason, by names as the inventory has them."""

from datetime import timedelta

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.routing import Family
from deliverwatch.core.silences import LONGEST
from deliverwatch.flows.keep_silences import Cover, keep_silence
from samples import NOON

HOUR = timedelta(hours=1)
LISTINGS = Cover(family=Family.LISTING)


class Kept:
    """As much of a store as there is to it."""

    def __init__(self):
        self.silences = []

    async def keep_silence(self, silence):
        self.silences.append(silence)


async def kept(cover=LISTINGS, until_at=NOON + HOUR, reason="planned work"):
    store = Kept()
    silence = await keep_silence(store, cover, until_at, "ann", reason, NOON)
    assert store.silences == [silence]
    return silence


@pytest.mark.parametrize(
    ("asked", "normal"),
    [
        ("192.0.2.10", "192.0.2.10"),
        ("192.0.2.10/32", "192.0.2.10"),
        ("192.0.2.8/29", "192.0.2.8/29"),
        ("2001:DB8::10", "2001:db8::10"),
        ("News.Acme.Example.", "news.acme.example"),
    ],
)
async def test_a_subject_is_named_as_everywhere(asked, normal):
    assert (await kept(Cover(subject=asked))).subject == normal


async def test_it_begins_now_and_says_by_whom_and_why():
    silence = await kept(until_at=NOON + LONGEST)
    assert (silence.begins_at, silence.until_at, silence.by) == (NOON, NOON + LONGEST, "ann")
    assert silence.is_on(NOON)
    assert silence.id != (await kept()).id


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"cover": Cover()}, "covers something"),
        ({"reason": " "}, "has a reason"),
        ({"until_at": NOON}, "ends later than now"),
        ({"until_at": NOON + LONGEST + HOUR}, "30 days at most"),
        ({"cover": Cover(subject="192.0.2.1/24")}, "--subject: '192.0.2.1/24' has host bits set"),
        ({"cover": Cover(subject="a b.example")}, "--subject: "),
    ],
)
async def test_what_is_no_silence_is_a_sentence(changes, sentence):
    with pytest.raises(NotPossible, match=sentence):
        await kept(**changes)
