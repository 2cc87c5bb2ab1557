"""Who holds a subject on a day: the most specific holding decides; each subject lies in one block."""

import ipaddress
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.inventory import Asset, Holdings, Inventory
from deliverwatch.core.subjects import parse_subject

DAY = date(2026, 11, 18)
RANGE = Asset("203.0.113.0/30", None, shared_with=("bravo",))
INNER = Asset("203.0.113.1", "acme", from_on=DAY, until_on=DAY)
SUBJECT = parse_subject("203.0.113.1")


def test_the_most_specific_of_those_held_on_the_day_decides():
    holdings = Holdings([RANGE, INNER])
    days = [DAY + timedelta(days=each) for each in (-1, 0, 1)]
    assert [holdings.parties(SUBJECT, day) for day in days] == [("bravo",), ("acme",), ("bravo",)]
    assert holdings.on(SUBJECT, DAY) == (INNER,)
    assert holdings.turns(SUBJECT, days[0], days[2]) == (days[1], days[2])
    assert holdings.turns(SUBJECT, days[1], days[1]) == ()


def test_the_parties_of_the_last_day_on_which_anybody_held_it():
    until = DAY + timedelta(days=3)
    holdings = Holdings([Asset("203.0.113.1", "acme", until_on=DAY), Asset("203.0.113.0/30", "bravo", from_on=until)])
    assert holdings.last_parties(SUBJECT, DAY + timedelta(days=2)) == ("acme",)
    assert holdings.last_parties(SUBJECT, until) == ("bravo",)
    assert holdings.last_parties(parse_subject("192.0.2.1"), until) == ()


NETWORKS = st.builds(
    lambda address, length: str(ipaddress.ip_network((0xCB007100 + address, length), strict=False)),
    st.integers(0, 31),
    st.integers(27, 32),
)


@given(st.lists(NETWORKS | st.sampled_from(["2001:db8::/126", "2001:db8::1", "mail.acme.example"]), max_size=8))
def test_every_subject_lies_in_one_block_with_all_that_cover_it(names):
    assets = [Asset(name.removesuffix("/32"), "acme") for name in names]
    holdings = Holdings(assets)
    subjects = list(Inventory(assets=tuple(assets)).subjects_on(DAY))
    by_cover = {}
    for block in holdings.blocks():
        by_cover[block.kind, block.assets] = by_cover.get((block.kind, block.assets), 0) + block.count
    expected = {}
    for subject in subjects:
        key = subject.kind, holdings.of(subject)
        expected[key] = expected.get(key, 0) + 1
    assert {key: count for key, count in by_cover.items() if count} == expected
