"""A customer's assets, each with what is open on it, and how far the lists could be believed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.coverage import Cycle
from deliverwatch.core.desk.subjects import Vouched, asset_lines, vouched_for
from deliverwatch.core.inventory import Asset, Holdings
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.week_listings import ReportedListing
from samples import SAMPLE_LIST

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
KNOWN = dict.fromkeys(SubjectKind, Vouched(1, 1))


def a_listing(subject, leads=True):
    return ReportedListing(
        key=subject,
        incident=subject,
        subject=parse_subject(subject),
        list_id="sample",
        list_name="Sample list",
        leads=leads,
        opened_at=NOON - HOUR,
        closed_at=None,
        ended=None,
        impact=Impact.HIGH,
        scope=None,
        meanings=(),
        pool=None,
        stream=None,
        shared=False,
        lookup_url=None,
        used_by=(),
    )


def a_block(subject):
    at = NOON - HOUR
    return Episode(
        subject, EpisodeKind.BLOCK, "gmail", parse_subject(subject), "ip_block", ReplyClass.IP_BLOCK, at, NOON
    )


def lines(assets, listings=(), episodes=()):
    theirs = [each for each in assets if "acme" in each.parties]
    return asset_lines("acme", theirs, Holdings(assets), listings, episodes, KNOWN, NOON)


class TestAssets:
    def test_a_range_is_one_line(self):
        (line,) = lines([Asset("192.0.2.0/24", "acme")], [a_listing("192.0.2.7"), a_listing("192.0.2.8")])
        assert (line.addresses, len(line.listings), line.leading) == (256, 2, 2)

    def test_what_is_open_stands_at_the_asset_that_decides(self):
        assets = [Asset("192.0.2.0/24", "acme"), Asset("192.0.2.7", "acme", pool="own")]
        by_name = {line.asset.name: line for line in lines(assets, [a_listing("192.0.2.7")])}
        assert len(by_name["192.0.2.7"].listings) == 1
        assert not by_name["192.0.2.0/24"].listings

    def test_worst_come_first(self):
        assets = [Asset(f"192.0.2.{number}", "acme") for number in (1, 2, 3, 10)] + [Asset("a.example", "acme")]
        found = lines(assets, [a_listing("192.0.2.3"), a_listing("192.0.2.10", leads=False)], [a_block("192.0.2.2")])
        names = [line.asset.name for line in found]
        assert names == ["192.0.2.3", "192.0.2.2", "192.0.2.10", "192.0.2.1", "a.example"]

    def test_what_others_send_from_too_is_shared(self):
        (line,) = lines([Asset("192.0.2.1", None, shared_with=("acme", "bravo"))])
        assert line.shared


def a_cycle(verified=True, at=NOON - timedelta(minutes=10)):
    kinds = (SubjectKind.IPV4,) if verified else ()
    return Cycle("sample", "192.0.2.53:53", at, at, verified, kinds, True, at + HOUR, 9)


class TestVouched:
    def test_a_list_counts_for_the_kinds_it_can_tell_of(self):
        found = vouched_for([SAMPLE_LIST], {"sample": a_cycle()}, NOON)
        assert found[SubjectKind.IPV4] == Vouched(1, 1)
        assert found[SubjectKind.IPV6] == Vouched(0, 1)
        assert found[SubjectKind.DOMAIN] == Vouched(0, 0)

    def test_none_is_not_all(self):
        assert not Vouched(0, 0).all
        assert Vouched(2, 2).all
        assert not Vouched(1, 2).all

    def test_an_old_round_vouches_for_nothing(self):
        for cycle in (a_cycle(at=NOON - 3 * HOUR), a_cycle(verified=False)):
            assert vouched_for([SAMPLE_LIST], {"sample": cycle}, NOON)[SubjectKind.IPV4] == Vouched(0, 1)
        assert vouched_for([replace(SAMPLE_LIST)], {}, NOON)[SubjectKind.IPV4] == Vouched(0, 1)
