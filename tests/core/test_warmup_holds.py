"""Which holds follow from listings and blocks, and when a run is ready; without a store."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.alerting import WARMUP_EVENTS, Audience
from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind, episode_key
from deliverwatch.core.blocklist import Impact, ReturnCode, UsedBy
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.listing import Listing, Watch, opening_key
from deliverwatch.core.receivers import Routing, route
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import SubjectKind, parse_subject
from deliverwatch.core.warmup.hold_causes import END_NOT_SEEN, follow, may_hold, not_before, reconcile_holds
from deliverwatch.core.warmup.plan import PlanBasis, Stage, WarmupPlan
from deliverwatch.core.warmup.run import ALL_PROVIDERS, Hold, HoldCause, RunEnd, WarmupRun
from samples import NOON, SAMPLE_LIST, customer

HOUR = timedelta(hours=1)
IP, OTHER = parse_subject("192.0.2.10"), parse_subject("192.0.2.11")
PLAN = WarmupPlan("own", "Own", "Example ESP", PlanBasis.RESULT, (Stage(200), Stage(400)), "mail", date(2026, 11, 1))
RUN = WarmupRun("r1", IP.value, "acme", PLAN, 1, "hash", "America/New_York", date(2026, 11, 16), NOON)
SECOND = replace(RUN, id="r2", ip=OTHER.value)
USED = replace(SAMPLE_LIST, used_by=(UsedBy("Example Mail", "its refusals", "mail"), UsedBy("A filter", "its page")))


def key_of(subject=IP, opened_at=NOON, list_id="sample"):
    return opening_key(Watch(list_id, subject), opened_at)


def listed(subject=IP, impact=Impact.HIGH, kind=EventKind.LISTING_OPENED, opened_at=NOON, at=NOON, **more):
    facts = {"opened_at": opened_at.isoformat(), "codes": ["127.0.0.2"], "meanings": ["spam"], "impact": str(impact)}
    moment = opened_at if kind is EventKind.LISTING_OPENED else at
    return Event(f"{kind}/sample/{subject}/{moment.isoformat()}", kind, at, "sample", subject, {**facts, **more})


def delisted(subject=IP, ended=Ending.DELISTED, opened_at=NOON, **more):
    kind, at = EventKind.LISTING_CLOSED, NOON + HOUR
    facts = {"opened_at": opened_at.isoformat(), "codes": ["127.0.0.2"], "ended": str(ended)}
    return Event(f"{kind}/sample/{subject}/{opened_at.isoformat()}", kind, at, "sample", subject, {**facts, **more})


def blocked(kind=EventKind.BLOCK_OPENED, subject=IP, suffix="", **more):
    facts = {"provider": "mail", "class": "ip_block", "what": "ip_block", "opened_at": NOON.isoformat(), "ended": None}
    return Event(f"{kind}/mail{suffix}", kind, NOON + HOUR, "", subject, {**facts, "provider_name": "Mail", **more})


def hold(key=None, run=RUN, provider="mail", cause=HoldCause.LISTING, **more):
    return Hold(run.id, key or key_of(), cause, provider, NOON, {"list_name": "Sample list"}, **more)


def shape(holds):
    return [(each.run_id, each.cause, each.provider, each.key) for each in holds]


class TestListings:
    def test_one_holds_the_providers_that_use_the_list(self):
        changes, (event,) = follow([listed()], [RUN, SECOND], USED)
        assert shape(changes.opened) == [("r1", HoldCause.LISTING, "mail", key_of())]
        assert changes.opened[0].facts["list_name"] == "Sample list"
        assert (event.kind, event.key) == (EventKind.WARMUP_HELD, f"warmup_held/r1/{key_of()}")
        assert (event.subject, event.at, event.facts["providers"]) == (IP, NOON, ["mail"])
        assert (event.facts["run_id"], event.facts["plan"], event.facts["provider_names"]) == (
            "r1",
            "own",
            ["Example Mail"],
        )

    @pytest.mark.parametrize("blocklist", [SAMPLE_LIST, None])
    def test_one_that_nobody_is_known_to_use_holds_all(self, blocklist):
        changes, _ = follow([listed()], [RUN], blocklist)
        assert [each.provider for each in changes.opened] == [ALL_PROVIDERS]

    @pytest.mark.parametrize("impact", Impact)
    def test_only_a_grave_one_holds(self, impact):
        changes, events = follow([listed(impact=impact)], [RUN], USED)
        assert bool(changes) == bool(events) == (impact in (Impact.HIGH, Impact.CRITICAL))

    def test_one_that_becomes_grave_holds_under_the_key_of_its_opening(self):
        worse = listed(kind=EventKind.LISTING_CHANGED, at=NOON + HOUR, impact=Impact.CRITICAL)
        changes, _ = follow([worse], [RUN], USED)
        assert [(each.key, each.opened_at) for each in changes.opened] == [(key_of(), NOON + HOUR)]

    def test_one_that_becomes_worse_is_no_news_for_whoever_is_held(self):
        worse = listed(kind=EventKind.LISTING_CHANGED, at=NOON + HOUR, impact=Impact.CRITICAL)
        assert follow([worse], [RUN], USED, [hold()]) == (reconcile_nothing(), [])

    def test_one_that_becomes_less_bad_goes_on_holding(self):
        better = listed(kind=EventKind.LISTING_CHANGED, at=NOON + HOUR, impact=Impact.LOW)
        assert follow([better], [RUN], USED, [hold()]) == (reconcile_nothing(), [])

    def test_what_is_kept_quietly_holds_and_is_told(self):
        """Its incident is told by the event that leads, and a list that only informs is told by nobody."""
        changes, (event,) = follow([listed(quiet=True, incident="lead")], [RUN], USED)
        assert len(changes.opened) == 1
        assert "quiet" not in event.facts
        assert event.facts["told_by"] == "lead"

    def test_of_a_mass_listing_every_member_waits(self):
        lead = listed(OTHER, mass={"opened": 9, "watched": 9})
        member = listed(quiet=True, incident=lead.key)
        _, events = follow([lead, member], [RUN, SECOND], USED)
        assert [event.facts["mass"] for event in events] == [lead.facts["mass"]] * 2

    def test_only_the_very_address_and_an_open_run(self):
        domain = parse_subject("acme.example")
        assert not follow([listed(OTHER), listed(domain)], [RUN], USED)[0]
        assert not follow([listed()], [replace(RUN, ended=RunEnd.DONE)], USED)[0]

    def test_a_hold_begins_no_sooner_than_the_run(self):
        """Midnight of New York, where its days are cut."""
        before = listed(opened_at=datetime(2026, 11, 1, tzinfo=UTC))
        changes, _ = follow([before], [RUN], USED)
        assert changes.opened[0].opened_at == datetime(2026, 11, 16, 5, tzinfo=UTC)


def reconcile_nothing():
    return reconcile_holds([], [], [], [], {}, NOON)


class TestEnds:
    @pytest.mark.parametrize("ended", Ending)
    def test_a_closed_listing_ends_its_holds_for_what_it_is(self, ended):
        changes, (event,) = follow([delisted(ended=ended)], [RUN], USED, [hold()])
        assert changes.ended == {key_of(): (NOON + HOUR, str(ended))}
        assert (event.kind, event.key) == (EventKind.WARMUP_READY, f"warmup_ready/r1/{key_of()}")
        assert event.facts["ended"] == ended
        assert event.facts["list_name"] == "Sample list"

    def test_what_holds_nobody_ends_nothing(self):
        assert follow([delisted(OTHER)], [RUN], USED, [hold()]) == (reconcile_nothing(), [])
        over = hold(ended_at=NOON, ended_how="delisted")
        assert follow([delisted()], [RUN], USED, [over]) == (reconcile_nothing(), [])

    @pytest.mark.parametrize(
        "another",
        [
            hold(key="step", provider=ALL_PROVIDERS, cause=HoldCause.PERSON),
            hold(key="block", cause=HoldCause.BLOCK),
            hold(key=key_of(list_id="other")),
        ],
    )
    def test_it_is_ready_only_when_the_last_cause_is_over(self, another):
        changes, events = follow([delisted()], [RUN], USED, [hold(), another])
        assert set(changes.ended) == {key_of()}
        assert events == []
        over = replace(another, ended_at=NOON)
        assert len(follow([delisted()], [RUN], USED, [hold(), over])[1]) == 1

    def test_a_gate_goes_on_holding(self):
        changes, events = follow([delisted()], [RUN], USED, [hold()], {"r1"})
        assert changes.ended
        assert events == []

    def test_what_is_listed_again_at_once_is_not_ready(self):
        again = listed(opened_at=NOON + HOUR, at=NOON + HOUR)
        _, events = follow([delisted(), again], [RUN], USED, [hold()])
        assert [event.kind for event in events] == [EventKind.WARMUP_HELD]

    def test_two_causes_that_end_together_are_one_message(self):
        block = hold(key=episode_of_block(), cause=HoldCause.BLOCK)
        _, events = follow([delisted(), ended_block()], [RUN], USED, [hold(), block])
        assert [event.kind for event in events] == [EventKind.WARMUP_READY]

    def test_several_providers_are_one_message(self):
        _, (event,) = follow([delisted()], [RUN], USED, [hold(), hold(provider="other")])
        assert event.facts["providers"] == ["mail", "other"]

    def test_other_runs_stay_as_they_are(self):
        _, (event,) = follow([delisted()], [RUN, SECOND], USED, [hold()])
        assert event.facts["run_id"] == "r1"


def episode_of_block():
    return episode_key(EpisodeKind.BLOCK, "mail", IP, "ip_block", NOON)


def ended_block(ended=EpisodeEnd.ACCEPTED):
    return blocked(EventKind.BLOCK_CLOSED, ended=str(ended))


class TestBlocks:
    @pytest.mark.parametrize("suffix", ["", "/told"])
    def test_one_holds_its_provider_under_the_key_of_the_episode(self, suffix):
        changes, (event,) = follow([blocked(suffix=suffix)], [RUN], None)
        assert shape(changes.opened) == [("r1", HoldCause.BLOCK, "mail", episode_of_block())]
        assert event.facts["provider_names"] == ["Mail"]
        assert (event.facts["class"], event.list_id) == ("ip_block", "")

    @pytest.mark.parametrize("ended", [EpisodeEnd.ACCEPTED, EpisodeEnd.BY_HAND, EpisodeEnd.WITHDRAWN])
    def test_its_end_makes_ready(self, ended):
        changes, (event,) = follow([ended_block(ended)], [RUN], None, [hold(episode_of_block(), cause=HoldCause.BLOCK)])
        assert changes.ended == {episode_of_block(): (NOON + HOUR, str(ended))}
        assert (event.kind, event.facts["ended"]) == (EventKind.WARMUP_READY, ended)

    def test_one_that_was_over_before_it_was_learnt_of_holds_nothing(self):
        assert follow([blocked(quiet=True), ended_block()], [RUN], None) == (reconcile_nothing(), [])

    @pytest.mark.parametrize("kind", [EventKind.THROTTLE_STARTED, EventKind.FINDING_OPENED, EventKind.WARNING_STARTED])
    def test_what_is_no_block_holds_nothing(self, kind):
        assert not follow([blocked(kind)], [RUN], None)[0]


def listing(subject=IP, impact=Impact.HIGH, opened_at=NOON, closed_at=None, ended=None):
    key = key_of(subject, opened_at)
    return Listing(
        key, "sample", subject, opened_at, NOON, closed_at, ended, ("127.0.0.2",), ("spam",), impact, None, "a", key
    )


def block(**more):
    what, class_ = "ip_block", ReplyClass.IP_BLOCK
    return replace(
        Episode(episode_of_block(), EpisodeKind.BLOCK, "mail", IP, what, class_, NOON, NOON),
        **more,
    )


class TestReconciling:
    def reconciled(self, holds=(), listings=(), blocks=(), runs=(RUN,)):
        return reconcile_holds(runs, holds, listings, blocks, {"sample": USED}, NOON + HOUR)

    def test_it_opens_what_the_events_would_have_opened(self):
        by_events, _ = follow([listed()], [RUN], USED)
        assert self.reconciled(listings=[listing()]) == by_events
        of_block = self.reconciled(blocks=[block()])
        assert shape(of_block.opened) == shape(follow([blocked()], [RUN], None)[0].opened)

    def test_what_was_missed_holds_after_what_was_judged_without_it(self):
        """A day that was judged is not judged again for it; of a run without one it holds as it would have."""
        changes = self.reconciled(listings=[listing()], blocks=[block()])
        tomorrow = NOON + timedelta(hours=12)
        assert {each.opened_at for each in not_before(changes, {"r1": tomorrow}).opened} == {tomorrow}
        assert not_before(changes, {"r2": tomorrow}) == changes
        assert not_before(changes, {"r1": NOON - timedelta(hours=12)}) == changes

    def test_once_mended_there_is_nothing_to_mend(self):
        changes = self.reconciled(listings=[listing()], blocks=[block()])
        assert not self.reconciled(changes.opened, [listing()], [block()])

    def test_what_a_person_released_is_not_opened_again(self):
        assert not self.reconciled([hold(released_at=NOON)], [listing()])

    def test_a_run_on_a_listed_address_is_held_from_its_beginning(self):
        early = listing(opened_at=NOON - timedelta(days=30))
        assert self.reconciled(listings=[early]).opened[0].opened_at == datetime(2026, 11, 16, 5, tzinfo=UTC)

    def test_only_what_is_grave_and_open_and_a_block(self):
        low, over = listing(impact=Impact.MEDIUM), listing(closed_at=NOON, ended=Ending.DELISTED)
        others = [block(kind=EpisodeKind.THROTTLE), block(closed_at=NOON, ended=EpisodeEnd.ACCEPTED)]
        for each in ([low], [over], [listing(OTHER)]):
            assert not self.reconciled(listings=each)
        for other in others:
            assert not self.reconciled(blocks=[other])
        assert not self.reconciled(listings=[listing()], runs=[replace(RUN, ended=RunEnd.OFF)])

    def test_a_listing_that_became_less_bad_is_still_open(self):
        assert not self.reconciled([hold()], [listing(impact=Impact.LOW)])

    def test_what_is_over_ends_as_it_ended(self):
        over = listing(closed_at=NOON + timedelta(minutes=5), ended=Ending.VOID)
        assert self.reconciled([hold()], [over]).ended == {key_of(): (NOON + timedelta(minutes=5), "void")}
        accepted = block(closed_at=NOON, ended=EpisodeEnd.ACCEPTED)
        of_block = hold(episode_of_block(), cause=HoldCause.BLOCK)
        assert self.reconciled([of_block], blocks=[accepted]).ended == {episode_of_block(): (NOON, "accepted")}

    def test_of_what_is_nowhere_it_is_not_said_how_it_ended(self):
        assert self.reconciled([hold()]).ended == {key_of(): (NOON + HOUR, END_NOT_SEEN)}

    def test_a_persons_hold_has_no_end_and_an_end_is_not_moved(self):
        persons = hold("step", cause=HoldCause.PERSON)
        assert not self.reconciled([persons, hold(ended_at=NOON, ended_how="delisted")])


def test_all_of_a_warm_up_is_told_but_that_a_person_released_it():
    for kind in WARMUP_EVENTS:
        made = route(Event(f"{kind}/r1", kind, NOON, "", IP, {}), Routing(("ops@esp.example",)), [customer("acme")])
        told = {each.audience for each in made}
        assert told == (set() if kind is EventKind.WARMUP_RELEASED else {Audience.OPERATOR, Audience.TAM})


def test_rounds_over_lists_that_hold_nobody_need_no_runs():
    assert may_hold(SAMPLE_LIST)
    assert not may_hold(replace(SAMPLE_LIST, codes=(ReturnCode("127.0.0.2", "spam", Impact.MEDIUM),)))
    assert not may_hold(replace(SAMPLE_LIST, kinds=frozenset({SubjectKind.DOMAIN})))
