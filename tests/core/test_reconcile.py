"""What is new against what was told: nothing is taken back, and nothing is told twice."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.events import EventKind
from deliverwatch.core.judging import judge
from deliverwatch.core.reconcile import ended, events_of, reconcile
from deliverwatch.core.reply import ReplyClass

from .test_judging import IP, POLICY, REPLIES, TRAFFIC, at, mail, says, throttled

NOW = at(100)


class Kept:
    """What is in the store, judged anew with all that is known."""

    def __init__(self):
        self.episodes, self.events, self.replies, self.traffic = {}, [], [], []

    def learn(self, replies=(), traffic=(), now=NOW):
        self.replies += replies
        self.traffic = list({hour.hour_at: hour for hour in [*self.traffic, *traffic]}.values())
        return self.judge(now)

    def judge(self, now=NOW):
        def judge_after(after):
            return judge("example", IP, self.replies, self.traffic, POLICY, self.episodes.values(), after)

        changes = reconcile(list(self.episodes.values()), judge_after(None), judge_after, now, POLICY)
        for change in changes:
            assert change.before == self.episodes.get(change.after.key)
            self.episodes[change.after.key] = change.after
        new = [event for change in changes for event in events_of(change, now)]
        self.events += new
        return [(event.kind, bool(event.facts.get("quiet"))) for event in new]

    def all(self):
        return [(each.kind, each.opened_at, each.closed_at, each.ended) for each in self.episodes.values()]


OPENED, CLOSED = (EventKind.BLOCK_OPENED, False), (EventKind.BLOCK_CLOSED, False)


def test_a_block_is_told_once_and_its_end_once():
    kept = Kept()
    assert kept.learn([says(90, bounced=5)], [mail(90, bounced=5)]) == [OPENED]
    assert kept.judge() == []
    assert kept.learn([says(91, bounced=5)], [mail(91, bounced=5)]) == []
    assert kept.learn([], [mail(92, 5), mail(95, 5)]) == [CLOSED]
    assert kept.judge() == []
    assert kept.all() == [(EpisodeKind.BLOCK, at(90), at(95), EpisodeEnd.ACCEPTED)]


def test_late_data_move_no_beginning_that_was_told():
    kept = Kept()
    kept.learn([says(90, bounced=5)])
    assert kept.learn([says(88, bounced=5)]) == []
    assert kept.all() == [(EpisodeKind.BLOCK, at(90), None, None)]
    assert next(iter(kept.episodes.values())).evidence["replies"] == 10


def test_a_told_end_stays_and_verdicts_after_it_are_another_block():
    kept = Kept()
    kept.learn([says(80, bounced=5)], [mail(80, bounced=5), mail(82, 5), mail(85, 5)])
    assert kept.all() == [(EpisodeKind.BLOCK, at(80), at(85), EpisodeEnd.ACCEPTED)]
    late = [says(84, bounced=9), says(86, bounced=9)]
    assert kept.learn(late, [mail(84, 0, bounced=9), mail(86, 0, bounced=9)]) == [OPENED]
    assert kept.all()[1:] == [(EpisodeKind.BLOCK, at(86), None, None)]
    assert kept.judge() == []


def test_late_verdicts_before_a_told_end_change_nothing():
    kept = Kept()
    kept.learn([says(80, bounced=5)], [mail(80, bounced=5), mail(82, 5), mail(85, 5)])
    assert kept.learn([says(84, bounced=9)], [mail(84, 0, bounced=9)]) == []
    assert kept.all() == [(EpisodeKind.BLOCK, at(80), at(85), EpisodeEnd.ACCEPTED)]


def test_a_block_whose_share_turns_out_small_is_not_taken_back():
    kept = Kept()
    kept.learn([says(90, bounced=5)], [mail(90, bounced=5)])
    assert kept.learn([], [mail(90, 5000, bounced=5)]) == []
    assert kept.all() == [(EpisodeKind.BLOCK, at(90), None, None)]
    assert kept.learn([], [mail(91, 5), mail(94, 5)]) == [CLOSED]


def test_of_what_began_and_ended_unseen_only_the_end_is_told():
    kept = Kept()
    told = kept.learn([says(90, bounced=5)], [mail(90, bounced=5), mail(92, 5), mail(95, 5)])
    assert told == [(EventKind.BLOCK_OPENED, True), CLOSED]


def test_history_is_kept_and_told_to_nobody():
    kept = Kept()
    told = kept.learn([says(0, bounced=5)], [mail(0, bounced=5)], now=at(0) + POLICY.news_for + timedelta(hours=1))
    assert told == [(EventKind.BLOCK_OPENED, True)]
    assert kept.learn([], [mail(1, 5), mail(5, 5)], now=at(60)) == [(EventKind.BLOCK_CLOSED, True)]


def test_history_that_goes_on_is_told_after_all():
    kept = Kept()
    kept.learn([says(0, bounced=5)], now=at(60))
    assert kept.learn([says(60, bounced=5)], now=at(60)) == [OPENED]
    assert kept.judge(now=at(61)) == []
    assert len({event.key for event in kept.events}) == len(kept.events) == 2


def test_a_throttle_that_becomes_a_block_is_told_as_the_block():
    kept = Kept()
    assert kept.learn(*throttled(range(80, 90), delivered=1)) == [(EventKind.THROTTLE_STARTED, False)]
    told = kept.learn(*throttled(range(90, 104), delivered=1), now=at(104))
    assert told == [(EventKind.THROTTLE_ENDED, True), OPENED]


def test_a_throttle_that_was_a_block_all_along_ends_as_one():
    kept = Kept()
    kept.learn([says(90, deferred=9)], [mail(90, 9, deferred=9)])
    told = kept.learn([says(90, bounced=9)], [mail(90, 0, deferred=9, bounced=9)])
    assert sorted(told) == [OPENED, (EventKind.THROTTLE_ENDED, True)]
    assert {each.ended for each in kept.episodes.values()} == {EpisodeEnd.BECAME_BLOCK, None}


def test_a_finding_that_hits_little_is_kept_until_it_matters():
    kept = Kept()
    failing = says(90, ReplyClass.AUTH_FAILURE, bounced=1)
    assert kept.learn([failing], [mail(90, 900, bounced=1)]) == [(EventKind.FINDING_OPENED, True)]
    more = says(91, ReplyClass.AUTH_FAILURE, bounced=30)
    assert kept.learn([more], [mail(91, 900, bounced=30)]) == [(EventKind.FINDING_OPENED, False)]
    assert kept.learn([], [mail(92, 90000)]) == []
    assert kept.learn([], [mail(116, 90)], now=at(116)) == [(EventKind.FINDING_CLOSED, False)]


def test_a_sender_that_is_ours_no_more_ends_what_is_open():
    kept = Kept()
    kept.learn([says(90, bounced=5)])
    (episode,) = kept.episodes.values()
    change = ended(episode, NOW, EpisodeEnd.WITHDRAWN)
    (event,) = events_of(change, NOW)
    assert (event.kind, event.facts["ended"], change.after.closed_at) == (EventKind.BLOCK_CLOSED, "withdrawn", NOW)


def test_keys_are_those_of_the_opening_events():
    kept = Kept()
    kept.learn([says(90, bounced=5), says(90, ReplyClass.RATE_LIMIT, deferred=5)])
    assert {event.key for event in kept.events} == set(kept.episodes)


PIECES = st.lists(st.tuples(REPLIES, TRAFFIC), min_size=1, max_size=4)


@settings(deadline=None, max_examples=100)
@given(PIECES)
def test_whatever_comes_in_whatever_portions_nothing_is_missed_or_taken_back(pieces):
    kept = Kept()
    for replies, traffic in pieces:
        before = dict(kept.episodes)
        kept.learn(replies, traffic)
        for key, each in before.items():
            after = kept.episodes[key]
            assert (after.opened_at, after.kind) == (each.opened_at, each.kind)
            assert each.closed_at is None or after == each
        kept_now = dict(kept.episodes)
        assert kept.judge() == []
        assert kept.episodes == kept_now
        assert {each.class_ for each in fresh(kept)} <= {each.class_ for each in kept.episodes.values()}
    assert len({event.key for event in kept.events}) == len(kept.events)


def fresh(kept):
    return judge("example", IP, kept.replies, kept.traffic, POLICY)


@settings(deadline=None, max_examples=100)
@given(REPLIES, TRAFFIC)
def test_all_at_once_is_what_is_judged(replies, traffic):
    kept = Kept()
    kept.learn(replies, traffic)
    told = sorted(kept.episodes.values(), key=lambda each: (each.opened_at, each.key))
    assert [replace(each, evidence={}) for each in told] == [replace(each, evidence={}) for each in fresh(kept)]
