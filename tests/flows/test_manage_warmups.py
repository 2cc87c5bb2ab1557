"""What people do to warm-ups: who may, what follows, what is said before, and what is shown afterwards."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contract.store_values import closing, opening
from deliverwatch.core import platform
from deliverwatch.core.block import Episode, EpisodeKind
from deliverwatch.core.coverage import Span
from deliverwatch.core.errors import FenceLost, NotPossible
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset, ServiceZone
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.platform import PlatformIp, PlatformPool, PlatformSnapshot
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.service_hours import week_span, zone_of
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warmup.day import Because, DayState, Decision
from deliverwatch.core.warmup.plan import PlanDays, Stage
from deliverwatch.core.warmup.run import HoldCause, RunEnd, StepKind
from deliverwatch.core.warmup.status import StartWarningKind
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.start_warnings import start_warnings
from deliverwatch.flows.warmup_ports import WarmupChanges
from deliverwatch.flows.warmup_statuses import run_statuses
from deliverwatch.lookup.sender_records import SenderRecords
from deliverwatch.sandbox.zones import Mode, Record, Zone
from deliverwatch.store import open_store
from flows.warmup_world import DAY, HOUR, IP, PLAN, TODAY, World
from samples import NOON, SAMPLE_LIST

SUBJECT = parse_subject(IP)
WATCH = Watch(SAMPLE_LIST.id, SUBJECT)
BLOCK = Episode("block", EpisodeKind.BLOCK, "yahoo", SUBJECT, "ip_block", ReplyClass.IP_BLOCK, NOON - HOUR, NOON)


@pytest.fixture
async def world(tmp_path):
    world = await World.begin(tmp_path)
    yield world
    await world.store.close()


async def list_it(world, at=NOON - HOUR):
    state, events = opening(at, WATCH)
    await world.store.commit_endings({WATCH: state}, events, [])
    return state


async def refused(world, verb, *more, **named):
    with pytest.raises(NotPossible) as refusal:
        await (world.start(*more, **named) if verb == "start" else world.act(verb, *more, **named))
    return str(refusal.value)


async def test_a_run_begins_with_a_copy_of_its_plan_and_its_first_step(world):
    await world.start(target=800)
    history = await world.history()
    run = history.status.run
    assert (run.customer, run.pool, run.zone, run.plan_version) == ("acme", "acme-news", "UTC", 1)
    assert [stage.per_day for stage in run.plan.stages] == [200, 500, 800]
    assert [(step.kind, step.by) for step in history.steps] == [(StepKind.STARTED, "ann")]
    assert history.agreed[0].plan == run.plan
    assert (history.status.next.allowance, history.status.next.because) == (200, Because.FIRST_DAY)


@pytest.mark.parametrize(
    ("ip", "days", "zone", "customer"),
    [
        (IP, PlanDays.SERVICE, "America/New_York", "acme"),
        (IP, PlanDays.UTC, "UTC", "acme"),
        ("198.51.100.7", PlanDays.SERVICE, "Europe/London", "bravo"),
        ("203.0.113.1", PlanDays.SERVICE, "UTC", None),
    ],
)
async def test_days_are_cut_where_the_plan_says(world, ip, days, zone, customer):
    await world.start(ip=ip, days=days)
    run = (await world.status(ip)).run
    assert (run.zone, run.customer) == (zone, customer)


async def test_what_cannot_be_started_says_what_to_do(world):
    assert "nobody holds 192.0.2.200 on 2026-11-18" in await refused(world, "start", ip="192.0.2.200")
    assert "is a domain" in await refused(world, "start", ip="acme.example")
    assert "400 days back" in await refused(world, "start", TODAY - 401 * DAY)
    assert "a year ahead" in await refused(world, "start", TODAY + 367 * DAY)
    assert "expected 1 or more" in await refused(world, "start", target=0)
    assert "ends at 5,000 messages a day" in await refused(world, "start", target=5001)
    await world.start()
    assert "is being warmed up already" in await refused(world, "start")


async def test_a_run_on_a_listed_address_is_held_from_the_beginning(world):
    await list_it(world)
    await world.start()
    status = await world.status()
    assert [(hold.cause, hold.provider) for hold in status.holds] == [(HoldCause.LISTING, "")]
    assert (status.state, status.next.decision) == (DayState.HELD, Decision.HOLD)
    (event,) = await world.store.events([EventKind.WARMUP_HELD])
    assert (event.list_id, event.facts["parties"]) == (SAMPLE_LIST.id, ["acme"])


async def test_a_hold_whose_end_nobody_saw_is_ended_and_told_as_ready(world):
    state = await list_it(world)
    await world.start()
    _, events = closing(state, NOON + HOUR, WATCH)
    await world.store.commit_endings({}, events, [])
    world.clock.advance(4 * HOUR)
    await world.advance()
    assert (await world.status()).state is DayState.READY_TO_RELEASE
    (event,) = await world.store.events([EventKind.WARMUP_READY])
    assert event.facts["ended"] == "delisted"
    await world.advance()
    assert len(await world.store.events([EventKind.WARMUP_READY])) == 1


async def test_a_day_is_judged_by_its_holds_as_they_stood_at_its_end(world):
    state = await list_it(world)
    await world.start()
    await world.next_day(150)
    _, events = closing(state, NOON + DAY, WATCH)
    await world.store.commit_endings({}, events, [])
    world.clock.advance(4 * HOUR)
    await world.mail(5, on=TODAY, hour=10)
    assert await world.advance() == 1
    assert await world.days() == [("18", "held", 1)]
    assert (await world.status()).state is DayState.READY_TO_RELEASE


async def test_a_block_that_no_hold_was_written_for_is_mended(world):
    await world.start()
    await world.store.commit_episodes(EpisodeChanges([BLOCK]))
    await world.advance()
    assert [(each.cause, each.provider) for each in (await world.status()).holds] == [(HoldCause.BLOCK, "yahoo")]
    assert "warmup_held" in await world.told()


async def test_a_block_that_was_missed_changes_no_day_that_was_judged(world):
    await world.start()
    await world.next_day(195)
    await world.store.commit_episodes(EpisodeChanges([BLOCK]))
    assert await world.advance() == 0
    assert await world.days() == [("18", "on_plan", 2)]
    assert (await world.status()).state is DayState.HELD


async def test_what_holds_a_run_that_is_over_stays_as_it_is(world):
    state = await list_it(world)
    await world.start()
    await world.act("finish")
    _, events = closing(state, NOON + HOUR, WATCH)
    await world.store.commit_endings({}, events, [])
    world.clock.advance(DAY)
    await world.mail()
    await world.advance()
    assert [hold.ended_at for hold in await world.store.warmup_holds()] == [None]
    assert await world.store.events([EventKind.WARMUP_READY]) == []


async def test_what_a_person_holds_a_person_releases(world):
    await world.start()
    await world.act("hold", reason="the list is not clean\x1b[2J")
    status = await world.status()
    assert status.state is DayState.HELD
    assert status.holds[0].facts["reason"] == "the list is not clean\\x1b[2J"
    await world.next_day(195)
    assert (await world.status()).stage == 1
    await world.act("release", reason="cleaned")
    assert (await world.status()).holds == ()
    await world.next_day(195)
    assert (await world.status()).stage == 2
    assert [step.kind for step in (await world.history()).steps] == ["started", "held", "released"]
    assert await world.told() == {"warmup_held": ["ops@esp.example", "tam-acme@esp.example"]}


async def test_one_provider_alone_can_be_held(world):
    await world.start()
    await world.act("hold", "yahoo")
    assert [each.provider for each in (await world.status()).holds] == ["yahoo"]
    assert "did you mean 'yahoo'" in await refused(world, "hold", "yaho")


async def test_releasing_ends_holds_whose_cause_goes_on_and_they_stay_released(world):
    await list_it(world)
    await world.start()
    await world.act("release")
    await world.advance()
    assert (await world.status()).holds == ()


async def test_a_day_that_was_held_stays_so_when_it_grows_after_the_release(world):
    await world.start()
    await world.act("hold")
    await world.next_day(150)
    await world.act("release")
    await world.mail(45, on=TODAY, hour=10)
    await world.advance()
    assert await world.days() == [("18", "held", 1)]


async def test_a_release_ends_the_holds_of_gates(world):
    await world.start()
    await world.next_day(100, bounced=60)
    assert (await world.status()).state is DayState.HELD
    await world.act("release")
    assert (await world.status()).holds == ()
    assert "nothing holds" in await refused(world, "release")


async def test_stepping_back(world):
    await world.start()
    for volume in (195, 490, 990):
        await world.next_day(volume)
    assert (await world.status()).stage == 4
    await world.act("step_back")
    assert (await world.status()).stage == 3
    await world.act("step_back", 1)
    assert (await world.status()).stage == 1
    assert "there is none before it" in await refused(world, "step_back")
    assert (await world.told())["warmup_stepped_back"]


async def test_a_step_back_goes_below_the_present_stage(world):
    await world.start()
    await world.next_day(195)
    assert "expected one from 1 to 1" in await refused(world, "step_back", 2)
    assert "expected one from 1 to 1" in await refused(world, "step_back", 0)


async def test_the_present_stage_is_that_of_today(world):
    """Nobody has advanced it since the day was over."""
    await world.start()
    world.clock.advance(DAY)
    await world.mail(195)
    await world.act("step_back")
    assert (await world.status()).stage == 1


async def test_finishing(world):
    await world.start()
    await world.act("finish")
    status = await world.status()
    assert (status.run.ended, status.run.ended_on, status.state) == (RunEnd.FINISHED, TODAY, DayState.DONE)
    assert status.next.allowance is None
    assert "is not being warmed up" in await refused(world, "finish")
    await world.start(TODAY + DAY)
    assert (await world.status()).run.ended is None


async def test_an_amended_plan_is_another_version_of_it(world):
    await world.start()
    for volume in (195, 490):
        await world.next_day(volume)
    slower = replace(PLAN, id="slower", stages=tuple(map(Stage, (100, 300, 900, 1500))), days=PlanDays.SERVICE)
    await world.act("amend", slower, reason="too fast")
    history = await world.history()
    run = history.status.run
    assert (run.plan.id, run.plan_version, run.plan.days, run.zone) == ("slower", 2, PlanDays.UTC, "UTC")
    assert (history.status.stage, history.status.next.allowance) == (3, 900)
    assert [(each.version, each.plan.id, each.reason) for each in history.agreed] == [
        (1, "own", ""),
        (2, "slower", "too fast"),
    ]
    assert "applies to 192.0.2.10 already" in await refused(world, "amend", slower)
    await world.next_day(990)
    await world.next_day(890)
    assert [day.result.allowed for day in (await world.history()).days] == [200, 500, 1000, 900]


async def test_a_plan_that_begins_above_the_present_allowance_begins_at_its_first_stage(world):
    await world.start()
    await world.act("amend", replace(PLAN, id="faster", stages=(Stage(1000), Stage(2000))))
    assert (await world.status()).stage == 1


async def test_who_and_why_must_be_said(world):
    await world.start()
    assert "expected a reason" in await refused(world, "finish", reason=" ")
    assert "expected a name" in await refused(world, "finish", by="")
    assert "longer than 500" in await refused(world, "hold", reason="x" * 501)


async def test_a_day_belongs_to_one_run(world):
    await world.start()
    await world.act("finish")
    with pytest.raises(NotPossible, match="covers the days up to 2026-11-18: expected a day after that"):
        await world.start()
    await world.start(on=TODAY + DAY)


async def test_what_is_amended_before_it_begins_begins_with_its_first_stage(world):
    await world.start(on=TODAY + 5 * DAY)
    await world.act("amend", replace(PLAN, id="gentler", stages=(Stage(50), Stage(100), Stage(150), Stage(300))))
    assert ((await world.status()).stage, (await world.status()).next.allowance) == (1, 50)


async def test_who_was_overtaken_looks_again_twice(world):
    await world.start()
    real, tried = world.store.commit_warmup, []

    async def overtaken(changes):
        tried.append(changes)
        if len(tried) < 3:
            await real(WarmupChanges((await world.store.warmups())[0]))
        await real(changes)

    world.store.commit_warmup = overtaken
    await world.act("hold")
    assert len(tried) == 3
    assert [hold.cause for hold in (await world.status()).holds] == [HoldCause.PERSON]


async def test_and_then_gives_up(world):
    await world.start()

    async def never(changes):
        raise FenceLost("somebody else was faster")

    world.store.commit_warmup = never
    with pytest.raises(FenceLost):
        await world.act("hold")


REVERSE, FORWARD = "2.0.192.in-addr.arpa", "acme.example"


@pytest.fixture
async def zones(start_nameserver):
    named = {name: Zone(name) for name in (REVERSE, FORWARD)}
    named[REVERSE].records["10"] = Record((), ptr="out1.acme.example.")
    named[FORWARD].records["out1"] = Record((IP,))
    server = await start_nameserver(*named.values())
    return SenderRecords([server.address], timedelta(seconds=0.5)), named


async def warned(world, zones):
    found = await start_warnings(world.store, zones[0], world.desk, SUBJECT, NOON)
    return {each.kind: each.facts for each in found}


async def test_nothing_speaks_against_a_new_address_in_order(world, zones):
    assert await warned(world, zones) == {}


async def test_that_nobody_tells_of_the_address_is_warned_of(tmp_path, zones):
    world = await World.begin(tmp_path, set_up=frozenset())
    nobody = {StartWarningKind.NOBODY_TELLS: {}}
    assert await warned(world, zones) == nobody
    await world.mail(5, on=TODAY - 20 * DAY, told_until=NOON - 20 * DAY)
    assert StartWarningKind.NOBODY_TELLS in await warned(world, zones)
    await world.mail(source="feedback")
    assert StartWarningKind.NOBODY_TELLS in await warned(world, zones), "it counts no mail"
    await world.mail(source="exim")
    assert StartWarningKind.NOBODY_TELLS not in await warned(world, zones)
    await world.store.close()


async def test_a_listing_a_block_and_mail_speak_against_it(world, zones):
    await list_it(world)
    await world.store.commit_episodes(EpisodeChanges([BLOCK]))
    await world.mail(5, on=TODAY - 3 * DAY)
    await world.mail(5, on=TODAY - 40 * DAY)
    await world.mail(bounced=5, on=TODAY - DAY)
    assert await warned(world, zones) == {
        StartWarningKind.LISTED: {
            "list_id": "sample",
            "list_name": "Sample list",
            "since": (NOON - HOUR).isoformat(),
        },
        StartWarningKind.BLOCKED: {"provider": "yahoo", "since": (NOON - HOUR).isoformat()},
        StartWarningKind.NOT_COLD: {"last_on": "2026-11-15", "days": 1},
    }


async def test_what_is_anothers_or_costs_little_mail_does_not(world, zones):
    other = parse_subject("192.0.2.11")
    await world.store.commit_episodes(EpisodeChanges([replace(BLOCK, key="other", subject=other)]))
    for watch, impact in ((Watch(SAMPLE_LIST.id, other), "high"), (WATCH, "medium")):
        state, events = opening(NOON - HOUR, watch)
        events = [replace(event, facts={**event.facts, "impact": impact}) for event in events]
        await world.store.commit_endings({watch: state}, events, [])
    assert await warned(world, zones) == {}


async def test_a_reverse_name_that_is_missing_leads_elsewhere_or_cannot_be_looked_up(world, zones):
    named = zones[1]
    named[FORWARD].records["out1"] = Record(("198.51.100.99",))
    elsewhere = {"names": ["out1.acme.example"], "leads_to": ["198.51.100.99"]}
    assert await warned(world, zones) == {StartWarningKind.PTR_ELSEWHERE: elsewhere}
    named[FORWARD].mode = Mode.SERVFAIL
    assert await warned(world, zones) == {StartWarningKind.PTR_UNKNOWN: {"detail": "SERVFAIL"}}
    named[REVERSE].mode = Mode.REFUSED
    assert await warned(world, zones) == {StartWarningKind.PTR_UNKNOWN: {"detail": "REFUSED"}}
    named[REVERSE].records.clear()
    named[REVERSE].mode = Zone(REVERSE).mode
    assert await warned(world, zones) == {StartWarningKind.NO_PTR: {}}


async def read_platform(world, overflow, others=6):
    snapshot = PlatformSnapshot(
        "sparkpost",
        NOON,
        (PlatformIp(IP, "news", 2), PlatformIp("192.0.2.11", "news", others)),
        (PlatformPool("news", "News", overflow),),
    )
    await world.store.keep_platform_proposal(platform.to_facts(snapshot))


async def test_a_pool_without_overflow_is_warned_of_if_that_is_known(world, zones):
    await read_platform(world, "shared pool")
    assert await warned(world, zones) == {}
    await read_platform(world, None)
    no_overflow = {StartWarningKind.NO_OVERFLOW: {"pool": "News", "platform": "sparkpost"}}
    assert await warned(world, zones) == no_overflow
    facts = dict(await world.store.platform_proposal())
    await world.store.keep_platform_proposal({**facts, "pools": [["news", "News"]]})
    assert await warned(world, zones) == {}


async def test_why_a_day_was_above_plan_is_said_if_it_is_known(world):
    await world.start()
    await world.next_day(900)
    assert (await world.status()).over_plan_why is None
    await read_platform(world, None, others=None)
    assert (await world.status()).over_plan_why is None
    await read_platform(world, None)
    assert (await world.status()).over_plan_why == "no_overflow"


async def shown(world, customer=None, *, ended=False):
    found = await run_statuses(world.store, world.clock, world.desk, customer, None, ended=ended)
    return [each.run.ip for each in found]


async def test_each_customer_has_the_runs_of_what_they_hold_or_share(world):
    for ip in ("198.51.100.7", "203.0.113.1", "192.0.2.11", "192.0.2.9"):
        await world.start(ip=ip)
    assert await shown(world) == ["203.0.113.1", "192.0.2.9", "192.0.2.11", "198.51.100.7"]
    assert await shown(world, "acme") == ["203.0.113.1", "192.0.2.9", "192.0.2.11"]
    assert await shown(world, "bravo") == ["203.0.113.1", "198.51.100.7"]
    with pytest.raises(NotPossible, match="did you mean 'acme'"):
        await shown(world, "acmee")


async def test_what_is_over_is_shown_for_two_weeks(world):
    await world.start()
    await world.act("finish")
    world.clock.advance(14 * DAY)
    assert await shown(world) == [IP]
    world.clock.advance(DAY)
    assert await shown(world) == []
    assert await shown(world, ended=True) == [IP]


async def test_a_week_has_its_days_and_says_whether_others_share_the_address(world):
    await world.start(TODAY - 5 * DAY)
    await world.start(TODAY - 5 * DAY, ip="203.0.113.1")
    await world.mail(195)
    await world.advance()
    span = week_span("2026-W47", zone_of(ServiceZone.EASTERN))
    weeks = await world.week("acme", span)
    assert [(each.status.run.ip, each.shared) for each in weeks] == [("203.0.113.1", True), (IP, False)]
    assert [f"{day.result.on:%d}" for day in weeks[1].days] == ["16", "17"]
    before = Span(span.begin - 14 * DAY, span.end - 14 * DAY)
    assert await world.week("acme", before) == []


async def test_a_week_knows_on_which_days_a_person_released_it(world):
    await world.start(TODAY - 5 * DAY)
    await world.act("hold")
    await world.act("release")
    await world.next_day(195)
    span = week_span("2026-W47", zone_of(ServiceZone.EASTERN))
    (week,) = await world.week("acme", span)
    assert week.released_on == {TODAY}


async def test_who_stepped_it_back_is_known_until_the_next_time(world):
    await world.start(TODAY - 5 * DAY)
    assert (await world.status()).stepped_back is None
    await world.next_day(200)
    await world.act("step_back", by="robin", reason="complaints")
    step = (await world.status()).stepped_back
    assert (step.by, step.reason, step.stage) == ("robin", "complaints", 1)


async def test_nobody_reads_of_days_on_which_the_address_was_anothers(world):
    await world.start(TODAY - 5 * DAY)
    await world.mail(195)
    await world.advance()
    moved = Asset(IP, "bravo", from_on=TODAY - DAY)
    await world.store.apply_inventory(InventoryChange(assets_added=(moved,)), NOON)
    span = week_span("2026-W47", zone_of(ServiceZone.UK))
    (week,) = await world.week("bravo", span)
    assert ([f"{day.result.on:%d}" for day in week.days], week.shared) == ([], True)


async def test_a_history_of_what_never_was(world):
    with pytest.raises(NotPossible, match="was never warmed up"):
        await world.history()


async def test_what_was_written_is_there_after_a_restart(world, tmp_path):
    await world.start()
    await world.next_day(195)
    before = await world.history()
    await world.store.close()
    world.store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    assert await world.history() == before
