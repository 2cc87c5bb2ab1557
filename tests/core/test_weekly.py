"""A customer's week as a value: what is theirs, what adds up, and what is never called clear."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.blocklist import FeedFormat, FeedSource, Impact, Polarity, ReturnCode, Scope
from deliverwatch.core.coverage import Gap, Span
from deliverwatch.core.events import Ending
from deliverwatch.core.inventory import Asset
from deliverwatch.core.listing import Listing, Watch
from deliverwatch.core.remediation.draft import DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.verdict import Outcome
from deliverwatch.core.week_listings import listings_seen_by, together
from deliverwatch.core.weekly import WeekVerdict
from render.weeks import (
    ACME,
    ASSETS,
    DOMAINS,
    GREAT,
    HOUR,
    IPS,
    KEYED,
    LISTS,
    MIDDLE,
    MUTE,
    SMALL,
    WEEK,
    block,
    blocklist,
    cycles,
    draft,
    listing,
    week,
)
from samples import customer

IP = "192.0.2.10"
MIDNIGHT = datetime(2026, 11, 19, tzinfo=UTC)  # of the UTC day that holdings are counted in
ONE = (Asset(IP, "acme", pool="p", stream="s"),)


def gap(since, until, of=GREAT, name=IP, detail="no answer in time"):
    end = None if until is None else WEEK.begin + until * HOUR
    return Gap(Watch(of.id, parse_subject(name)), WEEK.begin + since * HOUR, end, Outcome.UNREACHABLE, detail)


def proven(lists, list_id):
    of = next(each for each in lists if each.id == list_id)
    return tuple(kind for kind in sorted(of.kinds) if of.verifiable(kind))


def told(report):
    return [(each.opened_at, each.closed_at, each.ended) for each in report.listings]


class TestListings:
    def test_one_that_is_open_at_the_end(self):
        report = week(listings=[listing(GREAT, IP, 5)])
        assert told(report) == [(WEEK.begin + 5 * HOUR, None, None)]
        assert (report.verdict, report.opened, report.closed, report.open_at_end) == (WeekVerdict.LISTED, 1, 0, 1)
        seen = report.listings[0]
        assert (seen.list_name, seen.pool, seen.stream, seen.impact) == (
            "Great list",
            "acme-news",
            "newsletter",
            Impact.CRITICAL,
        )

    def test_one_that_was_open_before_is_not_new(self):
        report = week(listings=[listing(GREAT, IP, -50, 20, Ending.DELISTED)])
        assert (report.opened, report.closed, report.open_at_end) == (0, 1, 0)

    @pytest.mark.parametrize(("opened", "closed"), [(-50, -10), (-50, 0), (168, None), (200, None)])
    def test_what_was_before_or_after_the_week_is_not_told(self, opened, closed):
        report = week(listings=[listing(GREAT, IP, opened, closed, closed and Ending.DELISTED)])
        assert report.listings == ()
        assert report.verdict is WeekVerdict.ALL_CLEAR

    def test_one_that_ended_after_the_week_was_open_at_its_end(self):
        report = week(listings=[listing(GREAT, IP, 5, 170, Ending.DELISTED)])
        assert (report.closed, report.open_at_end) == (0, 1)
        assert told(report)[0][2] is Ending.DELISTED

    @pytest.mark.parametrize("ending", [Ending.DELISTED, Ending.LIST_ENDED, Ending.WITHDRAWN])
    def test_each_ending_is_kept(self, ending):
        assert told(week(listings=[listing(GREAT, IP, 5, 9, ending)]))[0][2] is ending

    def test_lists_that_lead_come_first_however_grave_the_others_are(self):
        grave = replace(blocklist("grave", "Grave", Impact.CRITICAL), leads=False)
        report = week(
            lists_on=(*LISTS, grave),
            every={each.id: HOUR for each in (*LISTS, grave)},
            listings=[listing(grave, IP, 5), listing(MIDDLE, IP, 9)],
        )
        assert [(each.list_id, each.leads) for each in report.listings] == [("middle", True), ("grave", False)]

    def test_the_scope_is_that_of_the_codes_found(self):
        codes = (ReturnCode("127.0.0.2", "sends spam", Impact.HIGH, scope=Scope.ASN),)
        mixed = replace(MIDDLE, codes=codes)
        report = week(lists_on=(GREAT, DOMAINS, mixed, SMALL), listings=[listing(mixed, IP, 5)])
        assert report.listings[0].scope is Scope.ASN

    def test_what_it_tells_of_as_real_can_be_corrected_later(self):
        real, void = listing(GREAT, IP, 5), listing(MIDDLE, IP, 5, 9, Ending.VOID)
        assert week(listings=[real, void, listing(GREAT, "198.51.100.7", 5)]).listing_keys == (real.key,)

    def test_what_opened_together_is_one_group_as_far_as_it_stands_alike(self):
        found = [listing(GREAT, f"192.0.2.{n}", 5, incident="one") for n in (9, 10, 11)]
        ended = listing(GREAT, "192.0.2.12", 5, 50, Ending.DELISTED, incident="one")
        elsewhere = [listing(GREAT, "203.0.113.2", 5, incident="one"), listing(GREAT, "192.0.2.13", 5)]
        report = week(listings=[*found, ended, *elsewhere])
        groups = [[each.subject.value for each in group] for group in together(report.listings, WEEK.end)]
        assert {frozenset(group) for group in groups} == {
            frozenset({"192.0.2.9", "192.0.2.10", "192.0.2.11"}),
            frozenset({"192.0.2.12"}),
            frozenset({"192.0.2.13"}),
            frozenset({"203.0.113.2"}),
        }

    def test_a_void_one_is_a_correction_and_in_no_figure(self):
        report = week(listings=[listing(GREAT, IP, 5, 9, Ending.VOID)])
        assert report.listings == ()
        assert [each.subject.value for each in report.corrections] == [IP]
        assert (report.opened, report.closed, report.open_at_end) == (0, 0, 0)
        assert report.verdict is WeekVerdict.ALL_CLEAR

    def test_a_holding_that_begins_under_an_open_listing_cuts_its_beginning(self):
        assets = (Asset(IP, "bravo", until_on=date(2026, 11, 18)), Asset(IP, "acme", from_on=date(2026, 11, 19)))
        assert told(week(assets=assets, listings=[listing(GREAT, IP, 5)])) == [(MIDNIGHT, None, None)]

    def test_a_holding_that_ends_under_an_open_listing_withdraws_it(self):
        assets = (replace(ONE[0], until_on=date(2026, 11, 18)), Asset(IP, "bravo", from_on=date(2026, 11, 19)))
        for closed, ended in ((None, None), (150, Ending.DELISTED)):
            report = week(assets=assets, listings=[listing(GREAT, IP, 5, closed, ended)])
            assert told(report) == [(WEEK.begin + 5 * HOUR, MIDNIGHT, Ending.WITHDRAWN)]
            assert report.listings[0].pool == "p"

    def test_a_void_one_stays_a_correction_when_the_holding_ended_first(self):
        assets = (replace(ONE[0], until_on=date(2026, 11, 18)),)
        report = week(assets=assets, listings=[listing(GREAT, IP, 5, 150, Ending.VOID)])
        assert report.listings == ()
        assert [(each.closed_at, each.ended) for each in report.corrections] == [(MIDNIGHT, Ending.VOID)]

    def test_a_holding_that_will_end_later_has_not_ended(self):
        assets = (replace(ONE[0], until_on=date(2026, 12, 24)),)
        assert told(week(assets=assets, listings=[listing(GREAT, IP, 5)]))[0][1:] == (None, None)

    def test_an_asset_that_comes_back_is_told_twice(self):
        assets = (replace(ONE[0], until_on=date(2026, 11, 16)), replace(ONE[0], from_on=date(2026, 11, 19)))
        ends = [ended for _, _, ended in told(week(assets=assets, listings=[listing(GREAT, IP, -9)]))]
        assert ends == [Ending.WITHDRAWN, None]

    def test_holdings_that_follow_each_other_are_one(self):
        assets = (replace(ONE[0], until_on=date(2026, 11, 18)), replace(ONE[0], from_on=date(2026, 11, 19)))
        assert told(week(assets=assets, listings=[listing(GREAT, IP, 5)])) == [(WEEK.begin + 5 * HOUR, None, None)]

    def test_a_shared_asset_is_theirs_too_and_marked(self):
        report = week(listings=[listing(GREAT, "203.0.113.2", 5), listing(GREAT, "198.51.100.7", 5)])
        assert [(each.subject.value, each.shared) for each in report.listings] == [("203.0.113.2", True)]

    def test_a_list_that_left_the_catalogue_keeps_its_id(self):
        report = week(listings=[replace(listing(GREAT, IP, 5), list_id="gone")])
        assert (report.listings[0].list_name, report.listings[0].scope) == ("gone", None)

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.integers(-100, 200),
                st.one_of(st.none(), st.integers(1, 250)),
                st.sampled_from(Ending),
                st.sampled_from([IP, "192.0.2.11", "203.0.113.2", "198.51.100.7"]),
            ),
            max_size=8,
        ),
        st.integers(1, 400),
    )
    def test_figures_add_up(self, episodes, made_after):
        found = [
            listing(GREAT, name, opened, None if lasted is None else opened + lasted, None if lasted is None else ended)
            for opened, lasted, ended, name in episodes
        ]
        report = week(listings=found, made_at=WEEK.begin + made_after * HOUR)
        open_before = sum(each.opened_at < WEEK.begin for each in report.listings)
        assert open_before + report.opened - report.closed == report.open_at_end
        assert report.open_at_end == sum(each.open_at(report.covered.end) for each in report.listings)
        assert (report.verdict is WeekVerdict.LISTED) == bool(report.listings)
        assert all(each.ended is not Ending.VOID for each in report.listings)


class TestCoverage:
    def test_a_whole_week_of_verified_rounds(self):
        report = week()
        assert report.subjects_watched == 14
        assert report.lists_watched == 4
        assert report.due_for == report.verified_for == (3 * 13 + 1) * WEEK.length
        assert (report.verified_ratio, report.verdict) == (1.0, WeekVerdict.ALL_CLEAR)
        assert report.unverified == report.unverified_watches == ()

    def test_a_list_that_fails_is_named_with_hours_and_its_latest_reason(self):
        failing = {"middle": (40, 46, "the list has gone empty")}
        report = week(cycles=cycles(failing=failing))
        (named,) = report.unverified
        assert (named.list_name, named.unverified_for, named.due_for) == ("Middle list", 6 * HOUR, 168 * HOUR)
        assert (named.why, named.not_asked_for, named.at_end) == ("the list has gone empty", timedelta(0), False)
        assert report.verified_for == report.due_for - 13 * 6 * HOUR
        assert report.verdict is WeekVerdict.ALL_CLEAR

    def test_one_missed_interval_is_named_and_some_late_seconds_are_not(self):
        late = [replace(each, started_at=each.started_at + timedelta(seconds=30)) for each in cycles()]
        assert week(cycles=late).unverified == ()
        missed = [each for each in cycles() if each.list_id != "small" or each.started_at != WEEK.begin + 9 * HOUR]
        (named,) = week(cycles=missed).unverified
        assert (named.list_id, named.not_asked_for, named.why) == ("small", HOUR, None)

    def test_many_small_breaks_over_5_percent_are_named(self):
        late = [each for each in cycles() if each.list_id != "small"]
        span = timedelta(minutes=65)
        late += [replace(each, started_at=WEEK.begin + n * span) for n, each in enumerate(cycles([SMALL])[:155])]
        assert [each.list_id for each in week(cycles=late).unverified] == ["small"]

    def test_a_stopped_daemon_verifies_nothing(self):
        report = week(cycles=cycles(stopped=range(24, 48)))
        assert {each.list_id for each in report.unverified} == {each.id for each in LISTS}
        assert {each.not_asked_for for each in report.unverified} == {24 * HOUR}
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_a_list_that_fails_when_the_week_ends_is_named_and_not_cleared(self):
        report = week(cycles=cycles(failing={"great": (167, 168, "refused")}))
        assert [(each.list_id, each.at_end) for each in report.unverified] == [("great", True)]
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_a_critical_list_decides_whatever_the_share(self):
        great, big = (
            {"great": (0, 10, "refused")},
            tuple(blocklist(f"more-{n}", f"More {n}", Impact.LOW) for n in range(9)),
        )
        lists = (*LISTS, *big)
        report = week(cycles=cycles(lists, failing=great), lists_on=lists, every={each.id: HOUR for each in lists})
        assert report.verified_ratio >= 0.95
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_a_low_list_alone_does_not_decide_while_the_share_is_enough(self):
        big = tuple(blocklist(f"more-{n}", f"More {n}", Impact.LOW) for n in range(19))
        lists = (GREAT, DOMAINS, *big)
        facts = {"lists_on": lists, "every": {each.id: HOUR for each in lists}}
        assert week(cycles=cycles(lists, failing={"more-1": (0, 100, "x")}), **facts).verdict is WeekVerdict.ALL_CLEAR
        failing = {"more-1": (0, 168, "x"), "more-2": (0, 168, "x")}
        assert week(cycles=cycles(lists, failing=failing), **facts).verdict is WeekVerdict.NOT_VERIFIED

    def test_a_critical_list_that_is_off_is_not_watched_and_nothing_is_clear(self):
        report = week(lists_on=(DOMAINS, MIDDLE, SMALL), lists_off=(GREAT,))
        assert report.verified_ratio == 1.0
        assert report.verdict is WeekVerdict.NOT_VERIFIED
        assert [(each.list_id, each.takes) for each in report.not_watched] == [("great", "nothing")]

    def test_only_important_blocklists_that_concern_them_are_named_as_not_watched(self):
        low = blocklist("low", "Low", Impact.HIGH, leads=False)
        allow = replace(blocklist("allow", "Allow", Impact.HIGH), polarity=Polarity.ALLOW)
        report = week(assets=ONE, lists_on=(GREAT,), lists_off=(low, allow, DOMAINS, KEYED))
        assert [each.list_id for each in report.not_watched] == ["keyed"]
        assert report.verdict is WeekVerdict.ALL_CLEAR

    def test_a_part_is_not_named_beside_its_whole(self):
        part = replace(GREAT, id="part", part_of="great")
        assert week(lists_off=(part,)).not_watched == ()
        off = week(lists_on=(DOMAINS,), lists_off=(part, GREAT))
        assert [each.list_id for each in off.not_watched] == ["great"]

    def test_a_list_that_accuses_nobody_is_not_due(self):
        allow = replace(blocklist("allow", "Allow", Impact.INFO), polarity=Polarity.ALLOW)
        silent = cycles((*LISTS, allow), failing={"allow": (0, 168, "no usable test points")})
        report = week(cycles=silent, lists_on=(*LISTS, allow), every={each.id: HOUR for each in (*LISTS, allow)})
        assert (report.verdict, report.verified_ratio, report.lists_watched) == (WeekVerdict.ALL_CLEAR, 1.0, 4)
        assert report.unverified == report.unverifiable == ()

    def test_a_list_without_test_points_is_named_once_and_never_due(self):
        silent = cycles((*LISTS, MUTE), failing={"mute": (0, 168, "no usable test points")})
        report = week(cycles=silent, gaps=[gap(20, None, MUTE)], lists_on=(*LISTS, MUTE))
        assert (report.verdict, report.verified_ratio, report.lists_watched) == (WeekVerdict.ALL_CLEAR, 1.0, 4)
        assert report.unverified == report.unverified_watches == ()
        assert [(each.list_id, each.kinds) for each in report.unverifiable] == [("mute", tuple(sorted(IPS)))]

    def test_a_list_is_due_for_the_kinds_that_it_can_be_verified_for(self):
        """As Spamhaus SBL alone: test points for IPv4 are documented, for IPv6 none."""
        half = replace(GREAT, test_points=GREAT.points_for(SubjectKind.IPV4))
        well = [
            replace(each, kinds_verified=(SubjectKind.IPV4, SubjectKind.DOMAIN)) for each in cycles((half, DOMAINS))
        ]
        report = week(cycles=well, lists_on=(half, DOMAINS))
        assert (report.verified_ratio, report.due_for) == (1.0, 13 * WEEK.length)
        assert [(each.list_id, each.kinds) for each in report.unverifiable] == [("great", (SubjectKind.IPV6,))]
        assert week(cycles=well, lists_on=(half, DOMAINS), assets=ONE).unverifiable == ()

    def test_a_download_is_due_without_test_points(self):
        file = FeedSource("https://great.example/list", FeedFormat.IP4SET, frozenset({SubjectKind.IPV4}))
        had = replace(GREAT, test_points=(), feeds=(file,))
        report = week(assets=ONE, lists_on=(had,), cycles=cycles((had,), failing={"great": (0, 168, "too old")}))
        assert (report.due_for, report.verified_for) == (WEEK.length, timedelta(0))
        assert report.verdict is WeekVerdict.NOT_VERIFIED
        assert report.unverifiable == ()

    def test_where_nothing_can_be_verified_nothing_is_clear(self):
        mute = replace(SMALL, test_points=())
        report = week(assets=ONE, lists_on=(mute,), cycles=())
        assert (report.lists_watched, report.due_for, report.verdict) == (0, timedelta(0), WeekVerdict.NOT_VERIFIED)

    def test_with_all_leading_lists_on_and_verified_it_is_all_clear(self):
        """One allow list beside them; three of those that lead publish no test point that must be listed."""
        lists = [each for each in load_blocklists() if each.leads or each.id == "dnswl"]
        rounds = [replace(each, kinds_verified=proven(lists, each.list_id)) for each in cycles(lists)]
        rounds = [replace(each, verified=bool(each.kinds_verified)) for each in rounds]
        report = week(cycles=rounds, lists_on=lists, every={each.id: HOUR for each in lists})
        assert (report.verdict, report.verified_ratio) == (WeekVerdict.ALL_CLEAR, 1.0)
        assert {each.list_id for each in report.unverifiable} == {"abusix-dblack", "invaluement-uri", "validity-rpbl"}

    def test_a_critical_list_that_is_off_is_named_whether_it_leads_or_not(self):
        grave = blocklist("grave", "Grave", Impact.CRITICAL, leads=False)
        report = week(lists_off=(grave,))
        assert [each.list_id for each in report.not_watched] == ["grave"]
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_a_subject_without_answers_is_named_and_counted(self):
        report = week(gaps=[gap(20, 23)])
        (named,) = report.unverified_watches
        assert (named.subject.value, named.list_name, named.unverified_for) == (IP, "Great list", 3 * HOUR)
        assert report.verified_for == report.due_for - 3 * HOUR
        assert report.verdict is WeekVerdict.ALL_CLEAR

    def test_gaps_of_one_subject_add_up_and_short_ones_are_not_named(self):
        assert week(gaps=[gap(20, 20.5)]).unverified_watches == ()
        (named,) = week(gaps=[gap(20, 20.6), gap(30, 31, detail="refused")]).unverified_watches
        assert (named.unverified_for, named.why) == (1.6 * HOUR, "refused")

    @pytest.mark.parametrize("until", [None, 40])
    def test_one_subject_unanswered_by_a_critical_list_is_not_cleared(self, until):
        assert week(gaps=[gap(20, until)]).verdict is WeekVerdict.NOT_VERIFIED
        assert week(gaps=[gap(20, until, MIDDLE)]).verdict is WeekVerdict.ALL_CLEAR

    def test_a_gap_while_the_list_was_failing_is_not_lost_twice(self):
        report = week(cycles=cycles(failing={"great": (20, 22, "x")}), gaps=[gap(19, 24)])
        assert report.verified_for == report.due_for - (13 * 2 + 3) * HOUR

    def test_nothing_is_due_before_an_asset_was_known_or_held(self):
        known = replace(ONE[0], added_at=WEEK.begin + 100 * HOUR)
        assert week(assets=(known,)).due_for == 3 * 68 * HOUR
        held = replace(ONE[0], from_on=date(2026, 11, 19))
        assert week(assets=(held,)).due_for == 3 * (WEEK.end - MIDNIGHT)
        left = replace(ONE[0], until_on=date(2026, 11, 18))
        assert week(assets=(left,)).due_for == 3 * (MIDNIGHT - WEEK.begin)

    def test_a_round_before_an_asset_was_known_verified_nothing_of_it(self):
        """Added between two rounds, 25 minutes before the week was over: nobody has asked about it yet."""
        known = replace(ONE[0], added_at=WEEK.end - timedelta(minutes=25))
        report = week(assets=(known,))
        assert report.verified_for == timedelta(0)
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_nothing_is_due_after_the_report_was_made(self):
        report = week(made_at=WEEK.begin + 10 * HOUR, assets=ONE)
        assert report.due_for == report.verified_for == 3 * 10 * HOUR
        assert report.covered == Span(WEEK.begin, WEEK.begin + 10 * HOUR)

    def test_a_customer_without_assets_is_never_clear(self):
        report = week(assets=())
        assert (report.subjects_watched, report.lists_watched, report.verified_ratio) == (0, 0, 0.0)
        assert report.verdict is WeekVerdict.NOT_VERIFIED

    def test_a_round_that_began_before_the_week_reaches_into_it(self):
        before = Span(WEEK.begin - timedelta(minutes=30), WEEK.end)
        assert week(cycles=cycles(span=before)).verified_ratio == 1.0

    def test_addresses_are_counted_once_however_many_assets_cover_them(self):
        twice = (Asset("192.0.2.0/30", "acme", until_on=date(2026, 11, 17)), Asset("192.0.2.0/29", "acme"))
        assert week(assets=(*twice, Asset("acme.example", "acme"), Asset("acme.example", "acme"))).subjects_watched == 9

    @settings(deadline=None, max_examples=60)
    @given(
        st.lists(st.tuples(st.integers(0, 167), st.integers(1, 60)), max_size=4),
        st.integers(0, 168),
        st.integers(0, 168),
    )
    def test_verified_is_never_more_than_due_and_each_silent_interval_is_named(self, gaps, since, until):
        report = week(
            assets=ONE,
            cycles=cycles(failing={"great": (since, until, "x")}),
            gaps=[gap(begin, begin + lasts) for begin, lasts in gaps],
        )
        assert timedelta(0) <= report.verified_for <= report.due_for
        lost = max(until - since, 0)
        assert [each.unverified_for for each in report.unverified] == [lost * HOUR] * bool(lost)
        if lost > 0.05 * 168 or (lost and until == 168):
            assert report.verdict is WeekVerdict.NOT_VERIFIED


class TestBlocks:
    def test_those_that_touch_the_week_are_told_and_others_not(self):
        found = [
            block("outlook", IP, -50, 5),
            block("outlook", IP, 20),
            block("outlook", IP, -50, -10),
            block("outlook", IP, 170),
            replace(block("outlook", IP, 30), kind=EpisodeKind.THROTTLE),
        ]
        report = week(episodes=found)
        assert [(each.opened_at, each.closed_at) for each in report.blocks] == [
            (WEEK.begin - 50 * HOUR, WEEK.begin + 5 * HOUR),
            (WEEK.begin + 20 * HOUR, None),
        ]
        assert {each.provider_name for each in report.blocks} == {"Outlook.com"}

    def test_one_is_cut_to_the_time_in_which_the_sender_was_theirs(self):
        assets = (replace(ONE[0], until_on=date(2026, 11, 18)), Asset(IP, "bravo", from_on=date(2026, 11, 19)))
        (mine,) = week(assets=assets, episodes=[block("outlook", IP, 5)]).blocks
        assert (mine.opened_at, mine.closed_at, mine.ended) == (WEEK.begin + 5 * HOUR, MIDNIGHT, EpisodeEnd.WITHDRAWN)
        (theirs,) = week(customer=customer("bravo"), assets=assets, episodes=[block("outlook", IP, 5)]).blocks
        assert (theirs.opened_at, theirs.closed_at) == (MIDNIGHT, None)
        assert week(assets=assets, episodes=[block("outlook", IP, 160)]).blocks == ()

    def test_a_shared_sender_is_marked(self):
        found = [block("yahoo", "203.0.113.2", 5), block("yahoo", "198.51.100.7", 5)]
        assert [(each.subject.value, each.shared) for each in week(episodes=found).blocks] == [("203.0.113.2", True)]


class TestDrafts:
    def test_those_of_reported_listings_are_told(self):
        open_one, old = listing(GREAT, IP, 5), listing(GREAT, IP, -90, -80, Ending.DELISTED)
        drafts = [draft(open_one, DraftState.SUBMITTED, "R-1"), draft(old, DraftState.ANSWERED)]
        (named,) = week(listings=[open_one, old], drafts=drafts).drafts
        assert (named.about, named.addressee, named.state, named.reference) == (
            *("Great list", "Great list", DraftState.SUBMITTED, "R-1"),
        )

    def test_those_of_reported_blocks_are_told(self):
        found = block("outlook", IP, 5)
        (named,) = week(episodes=[found], drafts=[draft(found, DraftState.PULLED, addressee="Microsoft")]).drafts
        assert (named.kind, named.about, named.addressee) == (DraftKind.BLOCK, "Outlook.com", "Microsoft")
        assert week(drafts=[draft(found, DraftState.PULLED)]).drafts == ()

    def test_those_of_void_listings_are_not(self):
        found = listing(GREAT, IP, 5, 9, Ending.VOID)
        assert week(listings=[found], drafts=[draft(found, DraftState.SUBMITTED)]).drafts == ()

    def test_those_of_others_are_not(self):
        found = listing(GREAT, IP, 5)
        assert week(listings=[found], drafts=[draft(found, DraftState.PULLED, customer="bravo")]).drafts == ()

    def test_closed_ones_are_told_if_they_were_sent(self):
        found = listing(GREAT, IP, 5)
        unsent = draft(found, DraftState.CLOSED)
        sent = replace(unsent, id="sent", submitted_at=found.opened_at)
        assert [each.submitted_at for each in week(listings=[found], drafts=[unsent, sent]).drafts] == [found.opened_at]

    def test_of_several_subjects_only_their_own_are_told(self):
        mine, theirs = listing(GREAT, IP, 5), listing(GREAT, "198.51.100.7", 5)
        for owner in ("acme", None):
            request = draft(mine, DraftState.SUBMITTED, also=[theirs], customer=owner)
            (named,) = week(listings=[mine, theirs], drafts=[request]).drafts
            assert (named.keys, named.subjects) == ((mine.key,), (mine.subject,))

    def test_a_shared_assets_reference_is_not_told(self):
        found = listing(GREAT, "203.0.113.2", 5)
        (named,) = week(listings=[found], drafts=[draft(found, DraftState.SUBMITTED, "bravo 7", customer=None)]).drafts
        assert named.reference is None

    def test_how_it_ends_is_told_only_where_nobody_can_be_asked(self):
        found = listing(GREAT, IP, 5)
        asked = draft(found, DraftState.PREPARED)
        nobody = replace(asked, id="nobody", channel=FormChannel.NONE)
        told = week(listings=[found], drafts=[asked, nobody], endings={"list-operator": "ends by itself"}).drafts
        assert [(each.asks_nobody, each.ends) for each in told] == [(False, None), (True, "ends by itself")]
        (unknown,) = week(listings=[found], drafts=[nobody]).drafts
        assert (unknown.asks_nobody, unknown.ends) == (True, None)


class TestPrivacy:
    """Two customers whose every word carries a mark."""

    THEIRS = (
        Asset("198.51.100.0/29", "bravo", pool="mark-pool", stream="mark-stream", network_owner="mark-owner"),
        Asset("mark.example", "bravo"),
        Asset("203.0.113.0/30", None, shared_with=("acme", "bravo"), pool="shared-1"),
        Asset("203.0.113.8", None, shared_with=("bravo",), pool="mark-shared"),
        Asset(IP, "bravo", pool="mark-old", until_on=date(2026, 11, 17)),
    )

    @settings(deadline=None)
    @given(
        st.lists(
            st.tuples(
                st.sampled_from(["198.51.100.1", "mark.example", "203.0.113.2", "203.0.113.8", IP]),
                st.integers(-100, 160),
                st.sampled_from(DraftState),
                st.sampled_from([None, "bravo"]),
                st.booleans(),
            ),
            max_size=8,
        )
    )
    def test_a_report_names_nobody_else(self, episodes):
        mine = tuple(
            replace(each, from_on=date(2026, 11, 18)) if each.name.startswith("192") else each for each in ASSETS
        )
        found = [
            block("outlook", name, opened)
            if is_block
            else replace(
                listing(GREAT, name, opened), meanings=("mark-meaning",) if name.startswith("mark") else ("spam",)
            )
            for name, opened, _, _, is_block in episodes
        ]
        drafts = [
            draft(each, state, "mark-reference", customer=owner, also=[each for each in found if owner is None])
            for each, (_, _, state, owner, _) in zip(found, episodes, strict=True)
        ]
        gaps = [gap(3, None, name=name, detail=f"mark {name}") for name in ("198.51.100.1", "203.0.113.8")]
        report = week(
            assets=(*mine, *self.THEIRS),
            listings=[each for each in found if isinstance(each, Listing)],
            episodes=[each for each in found if not isinstance(each, Listing)],
            drafts=[replace(each, note="mark-note", text="mark-text") for each in drafts],
            gaps=gaps,
        )
        whole = repr(report)
        assert "mark" not in whole
        assert "bravo" not in whole
        assert "198.51.100." not in whole
        assert "203.0.113.8" not in whole
        assert all(
            each.opened_at >= datetime(2026, 11, 18, tzinfo=UTC)
            for each in (*report.listings, *report.blocks)
            if each.subject.value == IP
        )

    def test_what_is_theirs_does_not_change_what_is_mine(self):
        mine = week(listings=[listing(GREAT, IP, 5)])
        others = tuple(asset for asset in self.THEIRS if asset not in ASSETS and asset.name != IP)
        both = week(assets=(*ASSETS, *others), listings=[listing(GREAT, IP, 5), listing(GREAT, "198.51.100.1", 5)])
        assert both == mine

    def test_the_other_customer_reads_their_own(self):
        report = week(customer=customer("bravo"), assets=(*ASSETS, *self.THEIRS), listings=[listing(GREAT, IP, 5)])
        assert told(report) == [(WEEK.begin + 5 * HOUR, datetime(2026, 11, 18, tzinfo=UTC), Ending.WITHDRAWN)]
        assert ACME.name not in repr(report)


def test_a_customer_sees_each_listing_only_while_the_asset_was_theirs():
    assets = (replace(ONE[0], until_on=date(2026, 11, 18)), Asset(IP, "bravo", from_on=date(2026, 11, 19)))
    found = [listing(GREAT, IP, 5), listing(GREAT, "198.51.100.7", 5)]
    seen = {each: listings_seen_by(each, assets, found, WEEK.end) for each in ("acme", "bravo", "charlie")}
    assert [(each.closed_at, each.ended) for each in seen["acme"]] == [(MIDNIGHT, Ending.WITHDRAWN)]
    assert [(each.opened_at, each.ended) for each in seen["bravo"]] == [(MIDNIGHT, None)]
    assert seen["charlie"] == []


class TestOneWithinTheOther:
    """One address of a range is another's: the most specific holding decides, day by day."""

    RANGE = Asset("203.0.113.0/30", None, shared_with=("bravo",), pool="shared-1")
    INNER = Asset("203.0.113.1", "acme", pool="own", from_on=date(2026, 11, 19))
    BOTH = (RANGE, INNER)
    BRAVO = customer("bravo")

    def test_who_has_the_range_sees_it_until_the_address_is_anothers(self):
        found = [listing(GREAT, "203.0.113.1", 5), listing(GREAT, "203.0.113.2", 5)]
        theirs = week(customer=self.BRAVO, assets=self.BOTH, listings=found)
        ends = {each.subject.value: (each.closed_at, each.ended) for each in theirs.listings}
        assert ends == {"203.0.113.1": (MIDNIGHT, Ending.WITHDRAWN), "203.0.113.2": (None, None)}
        assert told(week(assets=self.BOTH, listings=found)) == [(MIDNIGHT, None, None)]
        seen = listings_seen_by("bravo", self.BOTH, found, WEEK.end)
        assert [(each.subject.value, each.closed_at) for each in seen] == [
            ("203.0.113.1", MIDNIGHT),
            ("203.0.113.2", None),
        ]

    def test_it_sees_nothing_of_an_address_that_was_always_anothers(self):
        assets, found = (self.RANGE, replace(self.INNER, from_on=None)), [listing(GREAT, "203.0.113.1", 5)]
        assert week(customer=self.BRAVO, assets=assets, listings=found).listings == ()
        assert listings_seen_by("bravo", assets, found, WEEK.end) == []

    def test_it_gets_the_address_back(self):
        assets = (self.RANGE, replace(self.INNER, from_on=None, until_on=date(2026, 11, 18)))
        report = week(customer=self.BRAVO, assets=assets, listings=[listing(GREAT, "203.0.113.1", 5)])
        assert told(report) == [(MIDNIGHT, None, None)]

    def test_an_own_address_in_an_own_share_is_one_listing_told_of_where_it_began(self):
        assets = (replace(self.RANGE, shared_with=("acme",)), self.INNER)
        report = week(assets=assets, listings=[listing(GREAT, "203.0.113.1", 5), listing(MIDDLE, "203.0.113.1", 100)])
        assert told(report) == [(WEEK.begin + 5 * HOUR, None, None), (WEEK.begin + 100 * HOUR, None, None)]
        assert [(each.pool, each.shared) for each in report.listings] == [("shared-1", True), ("own", False)]
        assert report.due_for == 3 * 4 * WEEK.length

    def test_only_what_decides_is_due_and_counted(self):
        theirs = week(customer=self.BRAVO, assets=self.BOTH)
        assert theirs.due_for == 3 * (3 * WEEK.length + (MIDNIGHT - WEEK.begin))
        assert theirs.subjects_watched == 4
        assert week(assets=self.BOTH).due_for == 3 * (WEEK.end - MIDNIGHT)
        always = (self.RANGE, replace(self.INNER, from_on=None), Asset("203.0.113.0/31", "acme", pool="own"))
        theirs = week(customer=self.BRAVO, assets=always)
        assert (theirs.due_for, theirs.subjects_watched) == (3 * 2 * WEEK.length, 2)
        assert week(assets=always).subjects_watched == 2

    def test_a_gap_of_an_address_that_is_anothers_is_not_theirs(self):
        gaps = [gap(20, None, name="203.0.113.1")]
        report = week(customer=self.BRAVO, assets=(self.RANGE, replace(self.INNER, from_on=None)), gaps=gaps)
        assert report.unverified_watches == ()
