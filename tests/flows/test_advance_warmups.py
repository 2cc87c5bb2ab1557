"""Days of warm-ups are judged when they are over, again while they may grow, and once."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from deliverwatch.core.alerting import LATE_DATA
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.delivery import Measure, SenderKey
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.day import DayState
from deliverwatch.core.warmup.days import ONLY_UTC_DAYS
from deliverwatch.core.warmup.plan import PlanBasis, PlanDays
from deliverwatch.core.warmup.run import Hold, HoldCause, Reading, RunEnd
from deliverwatch.flows.advance_when_new import Advancer
from deliverwatch.flows.delivery_ports import EpisodeChanges, IngestBatch
from deliverwatch.flows.tell_warmups import GOES_ON
from deliverwatch.flows.warmup_ports import WarmupChanges
from flows.rounds import OPS
from flows.warmup_world import DAY, HOUR, IP, PLAN, TODAY, World
from samples import NOON

YESTERDAY = TODAY - DAY


@pytest.fixture
async def world(tmp_path):
    world = await World.begin(tmp_path)
    yield world
    await world.store.close()


async def test_a_run_goes_on_day_by_day_as_its_plan_says(world):
    await world.start()
    assert await world.next_day(195) == 1
    assert await world.next_day(490) == 1
    assert await world.next_day(300) == 1
    assert await world.days() == [("18", "on_plan", 2), ("19", "on_plan", 3), ("20", "behind_no_traffic", 3)]


async def test_today_is_not_judged(world):
    await world.start()
    await world.mail(195)
    assert await world.advance() == 0
    assert (await world.status()).judged is None


async def test_judging_again_writes_nothing(world):
    await world.start()
    await world.next_day(195)
    before = await world.history()
    assert await world.advance() == 0
    assert await world.history() == before


async def test_a_day_that_grows_is_judged_again_and_what_follows_with_it(world):
    await world.start()
    await world.next_day(150)
    await world.next_day(195)
    assert [stage for *_, stage in await world.days()] == [1, 2]
    await world.mail(45, on=TODAY, hour=10)
    assert await world.advance() == 2
    assert [stage for *_, stage in await world.days()] == [2, 2]


async def test_after_three_days_it_is_settled(world):
    await world.start()
    await world.next_day(150)
    for _ in range(3):
        await world.next_day(195)
    before = await world.days()
    await world.mail(45, on=TODAY, hour=10)
    assert await world.advance() == 0
    assert await world.days() == before


async def test_the_order_of_late_data_does_not_matter(world, tmp_path_factory):
    await world.start()
    await world.next_day(190)
    await world.next_day(490)
    other = await World.begin(tmp_path_factory.mktemp("other"))
    await other.start()
    other.clock.advance(2 * DAY)
    await other.mail(490, on=TODAY + DAY)
    await other.advance()
    await other.mail(190, on=TODAY)
    await other.advance()
    assert await other.days() == await world.days()
    await other.store.close()


async def test_a_run_that_begins_in_the_past_is_caught_up_and_tells_no_history(world):
    begins = TODAY - 40 * DAY
    await world.start(begins, replace(PLAN, basis=PlanBasis.CALENDAR_DAY))
    for number in range(40):
        await world.mail(250 if number == 1 else 700 if number == 0 else 20, on=begins + number * DAY)
    assert await world.advance() == 40
    days = (await world.history()).days
    assert [day.result.on for day in days] == [begins + number * DAY for number in range(40)]
    assert {event.kind for event in await world.store.events()} >= {EventKind.WARMUP_NOTICE}
    assert await world.told() == {}


async def test_after_an_outage_nothing_is_left_out(world):
    await world.start()
    world.clock.advance(35 * DAY)
    await world.mail(195, on=TODAY + 20 * DAY)
    assert await world.advance() == 35
    assert [state for _, state, _ in await world.days()].count("on_plan") == 1


async def test_a_source_that_is_silent_leaves_the_day_unknown_and_says_since_when(world):
    await world.start()
    await world.mail(100, hour=9, told_until=NOON - HOUR)
    world.clock.advance(DAY)
    await world.advance()
    judged = (await world.status()).judged
    assert judged.state is DayState.UNKNOWN
    assert judged.unknown == "postfix has told of nothing since 2026-11-18 11:00 UTC"
    assert judged.after.stage == 1


async def test_of_days_before_it_told_of_anything_a_source_knows_nothing(world):
    await world.start(on=TODAY - 3 * DAY)
    for days in (1, 0):
        await world.mail(195, on=TODAY - days * DAY)
    world.clock.advance(DAY)
    await world.mail()
    await world.advance()
    judged = [(day.result.state, day.result.unknown) for day in (await world.history()).days]
    assert judged[:2] == [("unknown", "postfix has told of nothing before 2026-11-17 09:00 UTC")] * 2
    assert [state for state, _ in judged[2:]] == ["on_plan", "behind_no_traffic"]


async def test_it_becomes_known_when_the_source_is_back(world):
    await world.start()
    await world.mail(100, told_until=NOON - HOUR)
    world.clock.advance(DAY)
    await world.advance()
    await world.mail(95, hour=20)
    assert await world.advance() == 1
    assert await world.days() == [("18", "on_plan", 2)]


async def test_days_that_were_not_known_are_judged_when_their_log_is_read_weeks_later(world):
    await world.start(on=TODAY - 20 * DAY)
    await world.advance()
    assert {state for _, state, _ in await world.days()} == {"unknown"}
    for days, delivered in ((20, 195), (19, 490), (18, 990)):
        await world.mail(delivered, on=TODAY - days * DAY)
    await world.advance()
    assert [state for _, state, _ in await world.days()][:4] == ["on_plan"] * 3 + ["idle"]
    assert await world.advance() == 0


async def test_a_day_that_was_not_known_for_over_a_month_keeps_nothing_from_being_judged(world):
    await world.start(on=TODAY - 50 * DAY)
    await world.advance()
    for _ in range(3):
        await world.next_day(195)
    assert [state for _, state, _ in await world.days()][-3:] == ["on_plan", "behind_no_traffic", "behind_no_traffic"]


async def test_days_after_one_that_turns_out_to_be_the_last_are_those_of_a_run_that_is_over(world):
    await world.start(on=TODAY - 10 * DAY, target=500)
    await world.advance()
    for days, delivered in ((10, 195), (9, 490)):
        await world.mail(delivered, on=TODAY - days * DAY)
    await world.advance()
    assert {(state, stage) for _, state, stage in (await world.days())[1:]} == {("done", 2)}
    status = await world.status()
    assert (status.state, status.stage, status.run.ended_on) == (DayState.DONE, 2, TODAY - 9 * DAY)
    assert status.judged.on == status.run.ended_on


async def test_it_becomes_known_without_more_mail_of_that_day(world):
    await world.start()
    await world.mail(195, told_until=NOON - HOUR)
    world.clock.advance(DAY)
    await world.advance()
    await world.mail()
    assert await world.advance() == 1
    assert await world.days() == [("18", "on_plan", 2)]


async def test_a_later_day_that_stays_as_it_was_is_not_written_again(world):
    await world.start()
    await world.next_day(100)
    await world.next_day(100)
    await world.mail(5, on=TODAY, hour=10)
    assert await world.advance() == 1


async def test_who_told_of_the_address_long_before_a_day_need_not_tell_of_it(world):
    begins = TODAY - 30 * DAY
    await world.mail(5, source="exim", on=begins, told_until=NOON - 30 * DAY)
    await world.start(begins)
    await world.mail()
    await world.advance()
    states = [state for _, state, _ in await world.days()]
    assert (states[1], states[-1]) == ("unknown", "idle")


async def test_no_mail_is_known_from_a_source_that_has_told_of_later(world):
    await world.start()
    await world.next_day(0)
    assert await world.days() == [("18", "idle", 1)]


async def test_a_source_of_other_addresses_long_ago_does_not_matter(world):
    await world.mail(5, source="exim", ip="198.51.100.7", on=TODAY - 30 * DAY, told_until=NOON - 30 * DAY)
    await world.start()
    await world.next_day(0)
    assert await world.days() == [("18", "idle", 1)]


async def test_of_an_address_that_nobody_tells_of_nothing_is_known(tmp_path):
    world = await World.begin(tmp_path, set_up=frozenset())
    await world.start()
    world.clock.advance(DAY)
    await world.advance()
    assert (await world.status()).judged.unknown == "no source tells of this address"
    await world.store.close()


async def test_what_a_source_that_cannot_name_the_address_of_deliveries_counts_is_no_mail(world):
    await world.mail(bounced=9, source="bird", blocked=9, provider="google")
    await world.start()
    await world.next_day(195)
    (day,) = (await world.history()).days
    assert (day.result.counts.attempted, day.result.counts.bounced) == (195, 0)


async def test_a_days_own_counts_are_used_where_days_are_utc(world):
    await world.start()
    await stated(world)
    (day,) = (await world.history()).days
    assert (day.result.state, day.providers["yahoo"].attempted_least) == (DayState.ON_PLAN, 200)
    assert day.result.counts.blocked is None


async def test_of_other_days_they_tell_nothing(world):
    await world.start(plan=replace(PLAN, days=PlanDays.SERVICE))
    await stated(world)
    (day,) = (await world.history()).days
    assert day.result.unknown == ONLY_UTC_DAYS


async def stated(world):
    world.clock.advance(DAY)
    now = world.clock.now()
    counts = {"attempted": 200, "delivered": 195, "deferred": 9, "bounced": 1}
    whole = Measure(datetime(2026, 11, 18, tzinfo=UTC), DAY, IP, provider="yahoo", as_of=now, **counts)
    senders = {SenderKey("stats", "ip", IP): 0}
    await world.store.commit_ingest(
        IngestBatch("stats", "stats", now, measures=[whole], senders=senders, last_event_at=whole.starts_at)
    )
    await world.advance()


async def test_a_service_day_is_cut_in_the_customers_zone(world):
    await world.start(TODAY, replace(PLAN, days=PlanDays.SERVICE))
    world.clock.advance(DAY)
    await world.mail(195, hour=4)  # the evening of the 17th in New York
    await world.mail(30, on=TODAY + DAY, hour=4)
    await world.advance()
    (day,) = (await world.history()).days
    assert day.result.counts.delivered == 30


async def test_a_gate_holds_tells_it_once_and_to_whom_it_concerns(world):
    await world.start()
    await world.next_day(100, bounced=60)
    assert (await world.status()).state is DayState.HELD
    await world.advance()
    (event,) = await world.store.events([EventKind.WARMUP_HELD])
    assert event.facts["parties"] == ["acme"]
    assert event.facts["plan"] == "own"
    assert event.key.startswith("warmup_held/")
    assert (await world.told())["warmup_held"] == [OPS, "tam-acme@esp.example"]


async def test_a_gate_hold_that_late_data_take_back_is_taken_back_from_whoever_heard_of_it(world):
    await world.start()
    await world.next_day(100, bounced=9)
    assert (await world.status()).state is DayState.BEHIND_NO_TRAFFIC
    await world.mail(bounced=5, on=TODAY, hour=10)
    await world.advance()
    assert (await world.status()).state is DayState.HELD
    await world.mail(2000, on=TODAY, hour=11)
    await world.advance()
    (event,) = await world.store.events([EventKind.WARMUP_RELEASED])
    assert (event.facts["why"], event.facts["cause"]) == (LATE_DATA, "bounce")
    told = await world.told()
    assert told["warmup_released"] == told["warmup_held"] == [OPS, "tam-acme@esp.example"]


async def test_one_that_comes_back_is_told_again(world):
    await world.start()
    await world.next_day(100, bounced=60)
    for delivered, bounced in ((5000, 0), (0, 2000)):
        await world.mail(delivered, bounced=bounced, on=TODAY, hour=10 if delivered else 11)
        await world.advance()
    assert (await world.status()).state is DayState.HELD
    told = await world.told()
    assert len(told["warmup_held"]) == 2 * len(told["warmup_released"])


async def test_one_that_is_found_on_a_later_day_is_neither_taken_back_nor_told_again(world):
    await world.start()
    await world.next_day(100, bounced=60)
    await world.next_day(100, bounced=60)
    await world.mail(5000, on=TODAY, hour=10)
    await world.advance()
    assert (await world.status()).state is DayState.HELD
    assert await world.store.events([EventKind.WARMUP_RELEASED]) == []
    assert len((await world.told())["warmup_held"]) == 2


async def test_one_that_late_data_leave_is_not_released(world):
    await world.start()
    await world.next_day(100, bounced=60)
    await world.mail(bounced=5, on=TODAY, hour=10)
    assert await world.advance() == 1
    assert await world.store.events([EventKind.WARMUP_RELEASED]) == []


async def test_a_throttled_provider_does_not_grow(world):
    await world.start()
    throttle = Episode(
        "throttle", EpisodeKind.THROTTLE, "yahoo", parse_subject(IP), "rate_limit", None, NOON, NOON + HOUR
    )
    await world.store.commit_episodes(EpisodeChanges([throttle]))
    await world.next_day(195)
    (day,) = (await world.history()).days
    assert day.after.stage == 2
    assert day.after.tracks["yahoo"].offered == 195


async def test_the_platforms_stage_is_followed_and_its_end_ends_the_run(world):
    await world.start(plan=replace(PLAN, platform="sparkpost"))
    await world.store.keep_readings([Reading("sparkpost", IP, TODAY, NOON, True, 1)])
    await world.next_day(195)
    await world.store.keep_readings([Reading("sparkpost", IP, TODAY + DAY, NOON + DAY, False)])
    await world.next_day(195)
    status = await world.status()
    assert (status.run.ended, status.state) == (RunEnd.OFF, DayState.OFF)
    assert "warmup_ended" in await world.told()
    assert await world.next_day(195) == 0


async def test_a_day_without_a_reading_is_unknown_once_the_platform_told_its_stage(world):
    await world.start(plan=replace(PLAN, platform="sparkpost"))
    await world.store.keep_readings([Reading("sparkpost", IP, TODAY, NOON, True, 1)])
    for _ in range(6):
        await world.next_day(195)
    assert [state for _, state, _ in await world.days()] == ["on_plan", *["unknown"] * 5]


async def test_who_was_overtaken_leaves_the_run_for_the_next_time(world):
    await world.start()
    world.clock.advance(DAY)
    await world.mail(195)
    store, (run,) = world.store, await world.store.warmups()
    real, others = store.commit_warmups, [WarmupChanges(run)]

    async def overtaken(changes, events, notifications):
        while others:
            await store.commit_warmup(others.pop())
        await real(changes, events, notifications)

    store.commit_warmups = overtaken
    assert await world.advance() == 0
    assert await world.advance() == 1


async def test_only_the_days_that_may_have_changed_are_loaded(world):
    """One more day costs one day's work."""
    await world.start()
    for _ in range(8):
        await world.next_day(195)
    asked = []
    real = world.store.traffic

    async def traffic(since, names, until=None):
        asked.append(until - since)
        return await real(since, names, until)

    world.store.traffic = traffic
    await world.next_day(195)
    assert asked == [3 * DAY]


async def test_it_advances_when_there_is_something_new(world):
    """A day that is over at once; those that were judged once an hour, if something was read."""
    await world.start()
    advancer = Advancer(world.store, world.clock, world.desk)
    world.clock.advance(DAY)
    await world.mail(150)
    assert await advancer.advance() == 1
    await world.mail(45, hour=10)
    assert await advancer.advance() == 0  # within the minute
    world.clock.advance(timedelta(minutes=2))
    assert await advancer.advance() == 0  # within the hour
    world.clock.advance(timedelta(minutes=59))
    assert await advancer.advance() == 1
    world.clock.advance(2 * HOUR)
    assert await advancer.advance() == 0


async def test_who_comes_while_it_advances_waits(world):
    await world.start()
    advancer = Advancer(world.store, world.clock, world.desk)
    world.clock.advance(DAY)
    first = asyncio.create_task(advancer.advance())
    await asyncio.sleep(0)
    assert await advancer.advance() == 0
    assert first.done()
    assert await first == 1


async def test_what_holds_a_run_is_followed_at_once(world):
    await world.start()
    advancer = Advancer(world.store, world.clock, world.desk)
    await world.next_day(195)
    await advancer.advance()
    block = Episode("b", EpisodeKind.BLOCK, "yahoo", parse_subject(IP), "ip_block", ReplyClass.IP_BLOCK, NOON, NOON)
    await world.store.commit_episodes(EpisodeChanges([block]))
    run = (await world.status()).run
    held = Hold(run.id, "b", HoldCause.BLOCK, "yahoo", NOON + HOUR)
    await world.store.commit_warmup(WarmupChanges(run, holds=[held]))
    world.clock.advance(timedelta(minutes=2))
    assert await advancer.advance() == 1
    assert await world.days() == [("18", "held", 1)]


async def test_within_the_hour_only_days_that_are_new_are_loaded(world):
    await world.start()
    advancer = Advancer(world.store, world.clock, world.desk)
    for _ in range(3):
        await world.next_day(195)
    await advancer.advance()
    asked, real = [], world.store.traffic

    async def traffic(since, names, until=None):
        asked.append(until - since)
        return await real(since, names, until)

    world.store.traffic = traffic
    world.clock.advance(12 * HOUR - timedelta(minutes=20))
    await world.mail(195, on=TODAY + 3 * DAY)
    await advancer.advance()
    world.clock.advance(timedelta(minutes=30))  # another day has begun
    await world.mail()
    assert await advancer.advance() == 1
    assert asked == [3 * DAY, DAY]


async def is_over_on(world, target=500):
    await world.start(TODAY - 2 * DAY, target=target)
    await world.mail(195, on=TODAY - 2 * DAY)
    await world.mail(490, on=YESTERDAY)
    await world.advance()
    run = (await world.status()).run
    assert (run.ended, run.ended_on) == (RunEnd.DONE, YESTERDAY)


async def test_late_data_that_leave_an_end_change_nothing_of_it(world):
    await is_over_on(world)
    await world.mail(3, on=TODAY - 2 * DAY, hour=10)
    assert await world.advance() == 1
    run = (await world.status()).run
    assert (run.ended, run.ended_on) == (RunEnd.DONE, YESTERDAY)


async def test_late_data_may_take_an_end_back(world):
    """So much more was refused on the first day that the gate held on it, and the run did not advance."""
    await is_over_on(world)
    await world.mail(bounced=90, on=TODAY - 2 * DAY, hour=10)
    await world.advance()
    status = await world.status()
    assert (status.run.ended, status.run.ended_on, status.state) == (None, None, DayState.HELD)
    (notice,) = [each for each in await world.store.events([EventKind.WARMUP_NOTICE]) if each.facts["what"] == GOES_ON]
    notes = [each.notification for each in await world.store.outbox()]
    assert (
        sorted(each.recipient for each in notes if each.event_key == notice.key) == (await world.told())["warmup_ended"]
    )


async def test_but_not_beside_another_run_of_the_address(world):
    await is_over_on(world)
    await world.start(TODAY)
    await world.mail(bounced=90, on=TODAY - 2 * DAY, hour=10)
    assert await world.advance() == 0
    ended = [run.ended for run in await world.store.warmups()]
    assert sorted(map(str, ended)) == ["None", "done"]


async def test_the_order_of_late_data_does_not_matter_over_the_end_of_a_run(world, tmp_path_factory):
    days = {TODAY: 195, TODAY + DAY: 490, TODAY + 2 * DAY: 100}
    await world.start(target=500)
    world.clock.advance(3 * DAY)
    for on, delivered in days.items():
        await world.mail(delivered, on=on)
    await world.advance()
    for number, order in enumerate([*permutations(days)][1::2]):
        other = await World.begin(tmp_path_factory.mktemp(f"other{number}"))
        await other.start(target=500)
        other.clock.advance(3 * DAY)
        for on in order:
            await other.mail(days[on], on=on)
            await other.advance()
        run, its = (await world.status()).run, (await other.status()).run
        assert (its.ended, its.ended_on) == (run.ended, run.ended_on) == (RunEnd.DONE, TODAY + DAY)
        assert (await other.days())[:2] == await world.days()
        await other.store.close()


async def test_a_platforms_end_stays_when_a_day_is_judged_again(world):
    await world.start(plan=replace(PLAN, platform="sparkpost"))
    await world.store.keep_readings([Reading("sparkpost", IP, TODAY, NOON, True, 1)])
    await world.next_day(195)
    await world.store.keep_readings([Reading("sparkpost", IP, TODAY + DAY, NOON + DAY, False)])
    await world.next_day(195)
    await world.mail(1, on=TODAY, hour=10)
    assert await world.advance() == 2
    run = (await world.status()).run
    assert (run.ended, run.ended_on) == (RunEnd.OFF, TODAY + DAY)


async def test_the_day_on_which_a_person_finished_it_is_judged_and_none_after_it(world):
    await world.start()
    await world.act("finish")
    assert await world.next_day(150, bounced=60) == 1
    assert await world.days() == [("18", "done", 1)]
    assert await world.next_day(195) == 0
    status = await world.status()
    assert (status.run.ended, status.run.ended_on, status.judged.counts.delivered) == (RunEnd.FINISHED, TODAY, 150)
    assert list(await world.told()) == ["warmup_ended"]


async def test_late_data_of_the_days_before_leave_it_finished_today(world):
    await world.start()
    await world.next_day(150)
    await world.act("finish")
    await world.mail(45, on=TODAY, hour=10)
    assert await world.advance() == 1
    run = (await world.status()).run
    assert (run.ended, run.ended_on) == (RunEnd.FINISHED, TODAY + DAY)


async def test_its_last_day_is_judged_after_an_outage(world):
    await world.start()
    await world.act("finish")
    world.clock.advance(9 * DAY)
    await world.mail()
    assert await world.advance() == 1
    assert await world.days() == [("18", "done", 1)]


async def test_what_was_finished_before_it_began_has_no_days(world):
    await world.start(TODAY + DAY)
    await world.act("finish")
    for _ in range(3):
        assert await world.next_day(195) == 0
    assert (await world.status()).run.ended is RunEnd.FINISHED


async def test_addresses_that_are_idle_together_are_one_message(world):
    """What is the same of all is said of all, the rest of none."""
    ips = [f"192.0.2.{number}" for number in range(8, 12)]
    begins = TODAY - 19 * DAY
    for number, ip in enumerate(ips):
        await world.start(begins, ip=ip, plan=replace(PLAN, id=f"plan-{number % 2}"))
    world.clock.advance(DAY)
    for number in range(-1, 20):
        await world.mail(1, on=begins + number * DAY, ip="198.51.100.7")
    await world.advance()
    told = await world.store.events([EventKind.WARMUP_NOTICE])
    (lead,) = [event for event in told if not event.facts.get("quiet")]
    assert (len(told), lead.facts["members"], lead.facts["days"]) == (4, ["192.0.2.8/30"], 20)
    assert "plan" not in lead.facts
    assert {"plan", "run_id"} <= lead.facts["own"].keys()
    assert (await world.told())["warmup_notice"] == [OPS, "tam-acme@esp.example"]


async def test_one_that_was_overtaken_is_left_out_of_the_message(world):
    for ip in (IP, "192.0.2.11"):
        await world.start(ip=ip)
    world.clock.advance(DAY)
    for ip in (IP, "192.0.2.11"):
        await world.mail(400, ip=ip)
    real, others = world.store.commit_warmups, [(await world.store.warmups(ip=IP))[0]]

    async def overtaken(changes, events, notifications):
        while others:
            await world.store.commit_warmup(WarmupChanges(others.pop()))
        await real(changes, events, notifications)

    world.store.commit_warmups = overtaken
    assert await world.advance() == 1
    (event,) = await world.store.events([EventKind.WARMUP_NOTICE])
    assert event.subject.value == "192.0.2.11"
    assert await world.advance() == 1
    assert len((await world.told())["warmup_notice"]) == 4


async def test_a_run_whose_address_changed_hands_ends_and_both_sides_hear_of_it(world):
    await world.start()
    await world.next_day(195)
    moved = Asset(IP, "bravo", from_on=TODAY + DAY)
    await world.store.apply_inventory(InventoryChange(assets_added=(moved,)), NOON)
    await world.advance()
    run = (await world.status()).run
    assert (run.ended, run.ended_on, run.customer) == (RunEnd.FINISHED, TODAY + DAY, "acme")
    step = (await world.history()).steps[-1]
    assert (step.by, step.reason) == ("deliverwatch", "the address changed hands")
    (event,) = await world.store.events([EventKind.WARMUP_NOTICE])
    assert (event.facts["before"], event.facts["after"], event.facts["parties"]) == ("acme", "bravo", ["acme", "bravo"])
    tams = ["tam-acme@esp.example", "tam-bravo@esp.example"]
    assert await world.told() == {"warmup_notice": [OPS, *tams]}
    await world.next_day(5000, bounced=900)
    assert await world.told() == {"warmup_notice": [OPS, *tams]}, "its last day is nobody's affair"
    await world.start(TODAY + 2 * DAY)
    await world.advance()
    assert (await world.status()).run.customer == "bravo"


async def test_one_that_begins_with_its_next_holder_goes_on(world):
    moved = Asset(IP, "bravo", from_on=TODAY + 2 * DAY)
    await world.store.apply_inventory(InventoryChange(assets_added=(moved,)), NOON)
    await world.start(TODAY + 2 * DAY)
    await world.advance()
    run = (await world.status()).run
    assert (run.customer, run.ended) == ("bravo", None)
