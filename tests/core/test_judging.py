"""When replies are a block, a throttle or a finding, and when it is over."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.block import EpisodeEnd, EpisodeKind, JudgingPolicy, ReplyHour, TrafficHour
from deliverwatch.core.judging import JUDGED, judge
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.wilson import lower_bound, upper_bound
from samples import NOON

IP = parse_subject("192.0.2.10")
POLICY = JudgingPolicy()
BLOCK, THROTTLE, FINDING = EpisodeKind.BLOCK, EpisodeKind.THROTTLE, EpisodeKind.FINDING


def at(hour):
    return NOON + timedelta(hours=hour)


def says(hour, class_=ReplyClass.IP_BLOCK, deferred=0, bounced=0, expired=0, rule="rule", sample="sample", retries=0):
    return ReplyHour(at(hour), class_, rule, deferred, bounced, expired, sample, retries)


def mail(hour, delivered=0, deferred=0, bounced=0):
    return TrafficHour(at(hour), delivered + deferred + bounced, delivered, deferred, bounced)


def judged(replies, traffic=(), **more):
    return judge("example", IP, replies, traffic, POLICY, **more)


def kinds(episodes):
    return [(each.kind, each.ended) for each in episodes]


class TestBlocks:
    def test_a_verdict_that_ends_mail_is_one(self):
        (found,) = judged([says(0, bounced=3)], [mail(0, bounced=3)])
        assert (found.kind, found.opened_at, found.closed_at) == (BLOCK, at(0), None)
        assert found.evidence["share"] == 1.0
        assert found.key == f"block_opened/example/192.0.2.10/ip_block/{at(0).isoformat()}"

    def test_one_or_two_refusals_are_none(self):
        assert judged([says(0, bounced=2)], [mail(0, bounced=2)]) == ()

    def test_they_add_up_over_a_day_but_not_over_two(self):
        spread = [says(hour, bounced=1) for hour in (0, 11, 23)]
        (found,) = judged(spread, [mail(hour, bounced=1) for hour in (0, 11, 23)])
        assert (found.kind, found.opened_at, found.last_seen_at) == (BLOCK, at(0), at(23))
        assert judged([says(hour, bounced=1) for hour in (0, 20, 40)]) == ()

    @pytest.mark.parametrize(("delivered", "opens"), [(7, True), (8, False), (997, False)])
    def test_few_among_many_are_strays(self, delivered, opens):
        found = judged([says(0, bounced=3)], [mail(0, delivered=delivered, bounced=3)])
        assert bool(found) == opens
        assert (lower_bound(3, 3 + delivered) >= POLICY.block_ratio) == opens

    def test_a_short_stretch_is_not_drowned_in_a_good_day(self):
        day = [mail(hour, delivered=1000) for hour in range(20)]
        (found,) = judged([says(20, bounced=200)], [*day, mail(20, delivered=300, bounced=200)])
        assert (found.kind, found.opened_at) == (BLOCK, at(20))

    def test_deferred_only_and_still_delivered_is_a_throttle(self):
        hours = range(6)
        found = judged([says(hour, deferred=5) for hour in hours], [mail(hour, 5, deferred=5) for hour in hours])
        assert kinds(found) == [(THROTTLE, None)]

    def test_deferred_only_and_nothing_delivered_for_hours_is_a_block(self):
        found = judged([says(hour, deferred=5) for hour in range(5)])
        assert kinds(found) == [(THROTTLE, EpisodeEnd.BECAME_BLOCK), (BLOCK, None)]
        assert found[0].closed_at == found[1].opened_at == at(4)
        assert kinds(judged([says(hour, deferred=5) for hour in range(4)])) == [(THROTTLE, None)]

    @pytest.mark.parametrize("class_", sorted(set(ReplyClass) - JUDGED))
    def test_what_does_not_accuse_the_sender_opens_nothing(self, class_):
        assert judged([says(hour, class_, bounced=50, expired=50) for hour in range(48)]) == ()

    def test_of_one_that_sends_much_a_small_share_is_many_messages(self):
        (found,) = judged([says(0, bounced=2000)], [mail(0, delivered=38_000, bounced=2000)])
        assert (found.kind, found.opened_at) == (BLOCK, at(0))

    @pytest.mark.parametrize(
        ("bounced", "delivered", "opens"), [(100, 4900, True), (99, 4900, False), (100, 9900, False)]
    )
    def test_the_lower_mark_is_for_many_and_has_an_end(self, bounced, delivered, opens):
        found = judged([says(0, bounced=bounced)], [mail(0, delivered=delivered, bounced=bounced)])
        assert bool(found) == opens

    @pytest.mark.parametrize("busy", [0, 20])
    def test_one_message_that_is_tried_again_and_again_is_none(self, busy):
        tries = [says(0, deferred=1), *(says(hour, deferred=1, retries=1) for hour in range(1, 9))]
        gave_up = says(9, bounced=1, expired=1, retries=1)
        assert judged([*tries, gave_up], [mail(hour, delivered=busy, deferred=1) for hour in range(9)]) == ()

    @pytest.mark.parametrize("class_", [ReplyClass.IP_BLOCK, ReplyClass.RATE_LIMIT])
    def test_a_queue_that_is_tried_again_and_again_is_many(self, class_):
        """First put off for another reason, so that each of these verdicts is on a retry."""
        hours = [says(hour, class_, deferred=60, retries=60) for hour in range(1, 7)]
        assert kinds(judged(hours, [mail(hour, deferred=60) for hour in range(7)]))

    def test_messages_first_tried_before_anything_was_starved_count(self):
        first = [says(0, deferred=5)]
        again = [says(hour, deferred=5, retries=5) for hour in range(1, 6)]
        found = judged([*first, *again], [mail(0, 50, deferred=5), *(mail(hour, deferred=5) for hour in range(1, 6))])
        assert kinds(found)[-1] == (BLOCK, None)

    def test_what_was_not_measured_has_no_share(self):
        (found,) = judged([says(0, bounced=3)])
        assert [found.evidence[name] for name in ("replies", "attempted", "delivered", "share")] == [
            3,
            None,
            None,
            None,
        ]

    def test_evidence_is_what_was_said_and_how_often(self):
        replies = [
            says(0, bounced=1, rule="rare", sample="b"),
            says(0, bounced=4, deferred=2, rule="often", sample="a"),
        ]
        (found,) = judged(replies, [mail(0, delivered=3, deferred=2, bounced=5)])
        assert found.evidence == {
            "rule": "often",
            "rules": {"often": 6, "rare": 1},
            "replies": 7,
            "deferred": 2,
            "bounced": 5,
            "expired": 0,
            "attempted": 10,
            "delivered": 3,
            "share": 0.7,
            "samples": ["a", "b"],
        }


REFUSED = ([says(0, bounced=10)], [mail(0, bounced=10)])


class TestTheEnd:
    def after(self, *hours, replies=()):
        (found, *_) = judged([*REFUSED[0], *replies], [*REFUSED[1], *hours])
        return found

    def test_mail_accepted_over_hours_ends_it(self):
        found = self.after(mail(1, 2), mail(2, 2), mail(4, 2))
        assert (found.closed_at, found.ended) == (at(4), EpisodeEnd.ACCEPTED)
        assert (found.evidence["accepted"], found.evidence["accepted_since"]) == (6, at(1).isoformat())
        assert found.evidence["attempted"] == 10

    def test_much_in_a_short_time_does_not(self):
        assert self.after(mail(1, 5000), mail(3, 5000)).closed_at is None

    def test_a_small_sender_needs_fewer_and_longer(self):
        assert self.after(mail(1, 1), mail(13, 1), mail(24, 1)).closed_at is None
        assert self.after(mail(1, 1), mail(13, 1), mail(25, 1)).closed_at == at(25)

    def test_silence_does_not(self):
        assert self.after().closed_at is None
        assert self.after(*(mail(hour) for hour in range(1, 300))).closed_at is None
        assert self.after(*(mail(hour, deferred=3) for hour in range(1, 300))).closed_at is None

    def test_another_verdict_begins_the_count_anew(self):
        found = self.after(mail(1, 4), mail(3, 1, bounced=1), mail(5, 5), replies=[says(3, bounced=1)])
        assert (found.closed_at, found.last_seen_at) == (None, at(3))

    def test_a_stray_among_many_does_not(self):
        found = self.after(mail(1, 100), mail(3, 99, bounced=1), mail(5, 100), replies=[says(3, bounced=1)])
        assert found.closed_at == at(5)

    def test_a_share_about_the_mark_is_one_block(self):
        hours = [(900 - n, 100 + n) for n in (20, 10, -10, -20, -20, -10, 10, 20, -10, -20, -20, -10)]
        replies = [says(hour, bounced=refused) for hour, (_, refused) in enumerate(hours, 1)]
        assert (
            self.after(*(mail(n, ok, bounced=no) for n, (ok, no) in enumerate(hours, 1)), replies=replies).closed_at
            is None
        )

    def test_a_small_share_of_much_is_no_acceptance_before_half_of_it(self):
        def after(refused):
            replies = [says(hour, bounced=400 if hour < 2 else refused) for hour in range(12)]
            traffic = [mail(hour, 20_000, bounced=400 if hour < 2 else refused) for hour in range(12)]
            return kinds(judged(replies, traffic))

        assert after(160) == [(BLOCK, None)]
        assert after(60) == [(BLOCK, EpisodeEnd.ACCEPTED)]

    def test_a_small_share_that_comes_and_goes_is_one_block(self):
        shares = [300, 150, 300, 120, 180, 300, 150, 120, 180, 300]
        replies = [says(hour, bounced=refused) for hour, refused in enumerate(shares * 3)]
        traffic = [mail(hour, 10_000, bounced=refused) for hour, refused in enumerate(shares * 3)]
        assert kinds(judged(replies, traffic)) == [(BLOCK, None)]

    def test_what_comes_later_is_another_one(self):
        found = judged([*REFUSED[0], says(30, bounced=5)], [*REFUSED[1], mail(1, 5), mail(4, 5), mail(30, bounced=5)])
        assert kinds(found) == [(BLOCK, EpisodeEnd.ACCEPTED), (BLOCK, None)]


def throttled(hours, per_hour=20, delivered=20, **more):
    return (
        [says(hour, ReplyClass.RATE_LIMIT, deferred=per_hour, **more) for hour in hours],
        [mail(hour, delivered, deferred=per_hour) for hour in hours],
    )


class TestThrottles:
    def test_slowed_mail_that_arrives_is_no_block_however_long(self):
        assert kinds(judged(*throttled(range(100)))) == [(THROTTLE, None)]

    def test_a_throttle_written_with_550_is_one_all_the_same(self):
        found = judged([says(0, ReplyClass.RATE_LIMIT, bounced=20)], [mail(0, 20, bounced=20)])
        assert kinds(found) == [(THROTTLE, None)]

    def test_one_reply_is_none(self):
        assert judged([says(0, ReplyClass.RATE_LIMIT, deferred=1)], [mail(0, deferred=1)]) == ()

    def test_it_ends_when_mail_flows_again(self):
        replies, traffic = throttled(range(3))
        (found,) = judged(replies, [*traffic, mail(4, 100), mail(7, 100)])
        assert (found.ended, found.closed_at) == (EpisodeEnd.ACCEPTED, at(7))

    def test_hardly_anything_delivered_for_a_day_is_a_block(self):
        found = judged(*throttled(range(24), delivered=1))
        assert kinds(found) == [(THROTTLE, EpisodeEnd.BECAME_BLOCK), (BLOCK, None)]
        assert found[1].opened_at == at(23)
        assert kinds(judged(*throttled(range(23), delivered=1))) == [(THROTTLE, None)]

    def test_mail_that_expires_makes_it_a_block(self):
        replies, traffic = throttled(range(3))
        gave_up = says(3, ReplyClass.RATE_LIMIT, bounced=5, expired=5)
        found = judged([*replies, gave_up], [*traffic, mail(3, 20, bounced=5)])
        assert kinds(found) == [(THROTTLE, EpisodeEnd.BECAME_BLOCK), (BLOCK, None)]

    def test_what_is_given_up_at_once_is_one_from_the_beginning(self):
        found = judged([says(0, ReplyClass.RATE_LIMIT, bounced=5, expired=5)], [mail(0, 2, bounced=5)])
        assert kinds(found) == [(BLOCK, None)]

    def test_a_single_message_that_expires_does_not(self):
        replies, traffic = throttled(range(3))
        found = judged([*replies, says(3, ReplyClass.RATE_LIMIT, bounced=1, expired=1)], [*traffic, mail(3, 20)])
        assert kinds(found) == [(THROTTLE, None)]


class TestFindings:
    def failing(self, hour, replies=1):
        return says(hour, ReplyClass.AUTH_FAILURE, bounced=replies)

    def test_one_failure_is_found_and_not_urgent_among_many(self):
        (found,) = judged([self.failing(0)], [mail(0, 500, bounced=1)])
        assert (found.kind, found.evidence["urgent"]) == (FINDING, False)

    @pytest.mark.parametrize(("replies", "urgent"), [(1, False), (2, False), (3, True)])
    def test_a_few_are_no_share_even_where_they_are_all(self, replies, urgent):
        (found,) = judged([self.failing(0, replies)], [mail(0, bounced=replies)])
        assert found.evidence["urgent"] == urgent

    def test_one_message_that_is_tried_again_and_again_is_not_urgent(self):
        again = says(1, ReplyClass.AUTH_FAILURE, deferred=11, retries=11)
        (found,) = judged([says(0, ReplyClass.AUTH_FAILURE, deferred=1), again], [mail(0, 0, 1), mail(1, 0, 11)])
        assert not found.evidence["urgent"]

    def test_of_who_sends_little_they_add_up_over_days(self):
        hours = (0, 30, 60)
        (found,) = judged([self.failing(hour) for hour in hours], [mail(hour, bounced=1) for hour in hours])
        assert found.evidence["urgent"]

    @pytest.mark.parametrize(("replies", "delivered"), [(20, 5000), (8, 60)])
    def test_many_failures_or_a_good_part_are_urgent(self, replies, delivered):
        (found,) = judged([self.failing(0, replies)], [mail(0, delivered, bounced=replies)])
        assert found.evidence["urgent"]

    def test_it_is_mended_when_a_day_of_mail_shows_none(self):
        days = [mail(hour, 10) for hour in range(1, 25)]
        assert judged([self.failing(0)], days)[0].closed_at is None
        (found,) = judged([self.failing(0)], [*days, mail(25, 10)])
        assert (found.ended, found.closed_at) == (EpisodeEnd.MENDED, at(25))

    def test_any_further_failure_keeps_it(self):
        assert judged([self.failing(0), self.failing(20)], [mail(h, 9999) for h in range(30)])[0].closed_at is None


class TestWhatWasTold:
    def test_it_goes_on_though_late_traffic_makes_it_small(self):
        told = judged(*REFUSED)
        crowd = [mail(0, 5000, bounced=10)]
        assert judged(REFUSED[0], crowd) == ()
        (found,) = judged(REFUSED[0], crowd, standing=told)
        assert (found.kind, found.opened_at, found.closed_at) == (BLOCK, at(0), None)
        (found,) = judged(REFUSED[0], [*crowd, mail(1, 9), mail(5, 9)], standing=told)
        assert found.closed_at == at(5)

    def test_it_stands_where_nothing_is_left_of_it(self):
        (told,) = judged(*REFUSED)
        (found,) = judged([], [], standing=[told])
        assert (found.key, found.last_seen_at) == (told.key, told.last_seen_at)

    def test_a_block_stays_one_where_late_deliveries_make_it_look_like_a_throttle(self):
        told = judged([says(hour, deferred=5) for hour in range(5)])[-1]
        replies = [says(hour, deferred=5) for hour in range(8)]
        found = judged(replies, [mail(hour, 5, deferred=5) for hour in range(8)], standing=[told])
        assert kinds(found) == [(THROTTLE, EpisodeEnd.BECAME_BLOCK), (BLOCK, None)]
        assert found[1].opened_at == told.opened_at
        assert found[1].evidence["replies"] == 20

    def test_only_later_hours_are_judged_when_asked_to(self):
        assert judged(*REFUSED, after=at(0)) == ()
        assert judged(*REFUSED, after=at(-1)) == judged(*REFUSED)


@pytest.mark.parametrize(("found", "of"), [(0, 0), (0, 1), (1, 1), (3, 10), (5, 4), (10**9, 10**9)])
def test_bounds_are_shares_around_what_was_counted(found, of):
    low, high = lower_bound(found, of), upper_bound(found, of)
    assert 0 <= low <= high <= 1
    assert not of or low <= min(found / of, 1) <= high + 1e-9


def test_bounds_are_wilsons():
    """Worked by hand: 3 of 10 lies between 10.8 % and 60.3 %."""
    assert (round(lower_bound(3, 10), 3), round(upper_bound(3, 10), 3)) == (0.108, 0.603)


CLASSES = st.sampled_from(sorted(JUDGED))
SMALL = st.integers(0, 8)
REPLIES = st.lists(
    st.builds(
        lambda hour, class_, deferred, bounced, expired, retries: says(
            hour, class_, deferred, bounced, min(expired, bounced), retries=min(retries, deferred + bounced)
        ),
        st.integers(0, 60),
        CLASSES,
        SMALL,
        SMALL,
        SMALL,
        st.integers(0, 16),
    ),
    max_size=25,
)
TRAFFIC = st.lists(
    st.builds(mail, st.integers(0, 60), SMALL, SMALL, SMALL), max_size=40, unique_by=lambda hour: hour.hour_at
)
SENT = st.tuples(REPLIES, TRAFFIC)


@settings(deadline=None, max_examples=150)
@given(SENT, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(sent, random):
    replies, traffic = sent
    as_before = judged(replies, traffic)
    random.shuffle(replies)
    random.shuffle(traffic)
    assert judged(replies, traffic) == as_before


@settings(deadline=None, max_examples=150)
@given(SENT, st.lists(st.integers(61, 400), max_size=10))
def test_neither_silence_nor_deferral_closes_anything(sent, quiet_hours):
    later = [mail(hour, deferred=hour % 3) for hour in sorted(set(quiet_hours))]
    before, after = judged(*sent), judged(sent[0], [*sent[1], *later])
    assert [(each.key, each.closed_at) for each in before] == [(each.key, each.closed_at) for each in after]


@settings(deadline=None, max_examples=200)
@given(SENT, st.integers(0, 60), CLASSES, SMALL, SMALL)
def test_more_verdicts_never_make_the_first_episode_none(sent, hour, class_, deferred, bounced):
    more = [*sent[0], says(hour, class_, deferred, bounced)]
    for each in {each.class_: each for each in reversed(judged(*sent))}.values():
        again = [other for other in judged(more, sent[1]) if other.class_ is each.class_]
        assert again, each
        assert again[0].opened_at <= each.last_seen_at


@settings(deadline=None, max_examples=150)
@given(SENT)
def test_episodes_of_a_class_follow_each_other(sent):
    found = judged(*sent)
    for class_ in JUDGED:
        ours = [each for each in found if each.class_ is class_]
        for one, other in pairwise(ours):
            assert one.closed_at is not None
            assert one.closed_at <= other.opened_at
    assert all((each.closed_at is None) == (each.ended is None) for each in found)
    assert len({each.key for each in found}) == len(found)


@settings(deadline=None, max_examples=100)
@given(SENT)
def test_what_stands_is_judged_the_same_again(sent):
    found = judged(*sent)
    again = judged(*sent, standing=[each for each in found if each.closed_at is None])
    assert again == found
