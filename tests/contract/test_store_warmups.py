"""What the flows may rely on of a store, on every database: warm-ups, their days, holds and steps, and readings."""

from contextlib import contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from contract.store_values import ACME, DAY, HOUR, IPV4, MINUTE, NOON, alert, closing, commit, opening
from contract.warmup_values import CLEANED, GENTLER, MONDAY, NASTY, OTHER, PLAN, READING, RUN, begun, day, hold, told
from deliverwatch.core.errors import FenceLost, NotPossible
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.warmup.day import News, RunNews
from deliverwatch.core.warmup.plan import Denominator
from deliverwatch.core.warmup.plan_facts import plan_hash
from deliverwatch.core.warmup.run import GateHold, HoldCause, HoldChanges, Reading, RunEnd, StepKind, Track, WarmupStep
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.warmup_ports import PlanVersion, WarmupChanges, WarmupsOvertaken


@contextmanager
def broken_at(head):
    """Within, the process dies before a statement that begins so."""

    def break_off(_connection, _cursor, statement, *_):
        if statement.startswith(head):
            raise RuntimeError("killed")

    event.listen(Engine, "before_cursor_execute", break_off)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", break_off)


@pytest.fixture
async def running(store):
    """A store with one run, at version 1."""
    await store.add_warmup(begun())
    return store


class TestRuns:
    async def test_what_is_begun_is_what_is_read(self, store):
        assert await store.warmups() == []
        await store.apply_inventory(InventoryChange(customers_added=(ACME,)), NOON)
        run = replace(RUN, customer="acme", pool=NASTY)
        changes = begun(run, holds=[hold()], events=[told()], notifications=[alert(told())])
        await store.add_warmup(changes)
        assert await store.warmups() == [replace(run, pool=CLEANED)]
        assert await store.warmup_steps(["r1", "r2"]) == {"r1": changes.steps}
        assert await store.warmup_plans("r1") == [changes.agreed]
        assert await store.warmup_holds() == [hold()]
        assert await store.events() == [told()]
        assert [line.notification for line in await store.outbox()] == [alert(told())]

    async def test_an_address_has_one_at_a_time(self, running, count_rows):
        before = count_rows()
        with pytest.raises(NotPossible, match=r"^192\.0\.2\.10 is being warmed up already: finish"):
            await running.add_warmup(begun(replace(RUN, id="r9"), events=[told()]))
        assert count_rows() == before
        await running.commit_warmup(WarmupChanges(replace(RUN, ended=RunEnd.FINISHED, ended_on=MONDAY)))
        await running.add_warmup(begun(replace(RUN, id="r9", created_at=NOON + DAY)))
        assert [each.id for each in await running.warmups()] == ["r9", "r1"]

    async def test_a_run_is_written_by_one_of_two(self, running, count_rows):
        done = replace(RUN, ended=RunEnd.DONE, ended_on=MONDAY)
        await running.commit_warmup(WarmupChanges(done, days=[day()]))
        before = count_rows()
        late = WarmupChanges(
            RUN,
            days=[day(1)],
            steps=begun().steps,
            holds=[hold()],
            agreed=PlanVersion("r1", 2, GENTLER, NOON, "somebody", "too fast"),
            events=[told()],
            notifications=[alert(told())],
        )
        with pytest.raises(FenceLost, match=r"warm-up of 192\.0\.2\.10 was written by somebody else"):
            await running.commit_warmup(late)
        assert count_rows() == before
        assert await running.warmups() == [replace(done, version=2)]
        await running.commit_warmup(replace(late, run=replace(RUN, version=2)))
        assert (await running.warmups(open_only=True))[0].version == 3

    async def test_choosing_among_them(self, store):
        over = replace(OTHER, id="r3", ended=RunEnd.OFF, ended_on=MONDAY, created_at=NOON - DAY)
        for run in (over, OTHER, RUN):
            await store.add_warmup(begun(run))
        assert await store.warmups() == [RUN, OTHER, over]
        assert await store.warmups(open_only=True) == [RUN, OTHER]
        assert await store.warmups(ip="192.0.2.11") == [OTHER, over]
        assert await store.warmups(ip="192.0.2.11", open_only=True) == [OTHER]
        assert await store.warmups(ip="192.0.2.12") == []

    async def test_of_those_that_are_over_only_those_that_ended_lately(self, store):
        over = replace(OTHER, ended=RunEnd.DONE, ended_on=MONDAY)
        for run in (over, RUN):
            await store.add_warmup(begun(run))
        assert await store.warmups(open_only=True, ended_since=MONDAY) == [RUN, over]
        assert await store.warmups(open_only=True, ended_since=MONDAY + DAY) == [RUN]

    async def test_one_is_open_again_unless_another_was_begun_meanwhile(self, running, count_rows):
        over = replace(RUN, ended=RunEnd.DONE, ended_on=MONDAY)
        await running.commit_warmup(WarmupChanges(over))
        again = WarmupChanges(replace(RUN, version=2), days=[day()])
        await running.commit_warmup(again)
        await running.commit_warmup(WarmupChanges(replace(over, version=3)))
        await running.add_warmup(begun(replace(RUN, id="r9", created_at=NOON + DAY)))
        before = count_rows()
        barred = WarmupChanges(replace(RUN, version=4), days=[day(1)])
        with pytest.raises(FenceLost):
            await running.commit_warmup(barred)
        with pytest.raises(WarmupsOvertaken):
            await running.commit_warmups([barred], [], [])
        assert count_rows() == before

    async def test_several_are_written_together_or_not_at_all(self, running, count_rows):
        await running.add_warmup(begun(OTHER))
        await running.commit_warmup(WarmupChanges(RUN))
        before = count_rows()
        both = [WarmupChanges(each, days=[day(run=each)]) for each in (OTHER, RUN)]
        with pytest.raises(WarmupsOvertaken) as overtaken:
            await running.commit_warmups(both, [told()], [alert(told())])
        assert overtaken.value.run_ids == {"r1"}
        assert count_rows() == before
        assert [each.version for each in await running.warmups()] == [2, 1]
        await running.commit_warmups(both[:1], [told()], [alert(told())])
        assert await running.warmup_days(["r1", "r2"]) == {"r2": [day(run=OTHER)]}
        assert await running.events() == [told()]
        assert [line.notification for line in await running.outbox()] == [alert(told())]

    async def test_a_plan_that_is_amended_is_another_version(self, running):
        amended = replace(RUN, plan=GENTLER, plan_version=2, plan_hash=plan_hash(GENTLER))
        agreed = PlanVersion("r1", 2, GENTLER, NOON + DAY, NASTY, NASTY)
        step = WarmupStep("r1", NOON + DAY, StepKind.AMENDED, NASTY, NASTY, stage=2)
        await running.commit_warmup(WarmupChanges(amended, steps=[step], agreed=agreed))
        cleaned = {"by": CLEANED, "reason": CLEANED}
        assert await running.warmups() == [replace(amended, version=2)]
        assert await running.warmup_plans("r1") == [begun().agreed, agreed._replace(**cleaned)]
        assert await running.warmup_steps(["r1"]) == {"r1": [*begun().steps, replace(step, **cleaned)]}

    async def test_plans_that_differ_in_words_alone_keep_their_words(self, store):
        renamed = replace(PLAN, name="The same, renamed")
        await store.add_warmup(begun())
        await store.add_warmup(begun(replace(OTHER, plan=renamed)))
        assert [run.plan.name for run in await store.warmups()] == ["Own plan", "The same, renamed"]

    async def test_a_commit_that_breaks_leaves_nothing(self, running, count_rows):
        before = count_rows()
        changes = WarmupChanges(RUN, [day()], begun().steps, [hold()], None, None, [told()], [alert(told())])
        with broken_at("INSERT INTO notification"), pytest.raises(RuntimeError):
            await running.commit_warmup(changes)
        assert count_rows() == before
        assert await running.warmups() == [RUN]


class TestDays:
    async def test_a_day_comes_back_whole(self, running):
        gate = GateHold(HoldCause.BOUNCE, "google", MONDAY, 9, 100, 0.05, 1, True, Denominator.DELIVERED)
        full = day(gate_holds=(gate,), tracks={"google": Track(2, 50)}, deferring=frozenset({"yahoo"}), reading=READING)
        news = News(RunNews.HELD, MONDAY, {"provider": "google", "found": 9, "names": ["\x00"]})
        full = full._replace(result=full.result._replace(news=(news,), by_platform=True, unknown="no source"))
        await running.commit_warmup(WarmupChanges(RUN, days=[full]))
        assert await running.warmup_days(["r1"]) == {"r1": [full]}
        assert await running.last_warmup_days(["r1"]) == {"r1": full}

    async def test_a_day_is_written_over_and_others_stay(self, running):
        await running.commit_warmup(WarmupChanges(RUN, days=[day(1), day(0)]))
        again = day(1, digest="e", ended=RunEnd.DONE)
        await running.commit_warmup(WarmupChanges(replace(RUN, version=2), days=[again, day(2)]))
        assert await running.warmup_days(["r1"]) == {"r1": [day(0), again, day(2)]}

    async def test_choosing_among_them(self, running):
        await running.add_warmup(begun(OTHER))
        await running.commit_warmup(WarmupChanges(RUN, days=[day(0), day(1), day(2)]))
        await running.commit_warmup(WarmupChanges(OTHER, days=[day(0, OTHER)]))
        both = ["r1", "r2", "r3"]
        assert await running.warmup_days(both, MONDAY + DAY) == {"r1": [day(1), day(2)]}
        assert await running.warmup_days(["r2"]) == {"r2": [day(0, OTHER)]}
        assert await running.last_warmup_days(both) == {"r1": day(2), "r2": day(0, OTHER)}
        assert await running.warmup_days([]) == await running.last_warmup_days([]) == {}

    async def test_many_days_are_one_statement(self, running):
        statements = []

        def note(_connection, _cursor, statement, _parameters, _context, executemany):
            if "INTO warmup_day" in statement:
                statements.append(executemany)

        event.listen(Engine, "before_cursor_execute", note)
        try:
            await running.commit_warmup(WarmupChanges(RUN, days=[day(number) for number in range(1_500)]))
        finally:
            event.remove(Engine, "before_cursor_execute", note)
        assert statements == [True]
        assert len((await running.warmup_days(["r1"]))["r1"]) == 1_500


class TestHolds:
    async def test_one_for_each_key_and_provider(self, running):
        holds = [hold(), hold(provider="google"), hold("listing/2", opened_at=NOON - DAY)]
        await running.commit_warmup(WarmupChanges(RUN, holds=holds))
        again = replace(hold(), opened_at=NOON + DAY, facts={})
        await running.commit_warmup(WarmupChanges(replace(RUN, version=2), holds=[again]))
        assert await running.warmup_holds() == [holds[2], holds[0], holds[1]]

    async def test_a_person_releases_by_key(self, running):
        await running.add_warmup(begun(OTHER))
        await running.commit_warmup(
            WarmupChanges(RUN, holds=[hold(), hold(provider="google"), hold("listing/2"), hold(run=OTHER)])
        )
        await running.commit_warmup(WarmupChanges(replace(RUN, version=2), released={"listing/1": NOON + HOUR}))
        later = {"listing/1": NOON + DAY, "listing/3": NOON}
        await running.commit_warmup(WarmupChanges(replace(RUN, version=3), released=later))
        left = [hold("listing/2"), hold(run=OTHER)]
        assert await running.warmup_holds(unreleased=True) == left
        assert await running.warmup_holds(["r1"], unreleased=True) == left[:1]
        assert [each.released_at for each in await running.warmup_holds(["r1"])] == [NOON + HOUR, NOON + HOUR, None]
        assert await running.warmup_holds([]) == []

    async def test_a_round_opens_and_ends_them_with_its_events(self, running):
        await running.add_warmup(begun(OTHER))
        state, events = opening(NOON)
        opened = HoldChanges(opened=(hold(), hold(provider="google"), hold("listing/2"), hold(run=OTHER)))
        await commit(running, states={IPV4: state}, events=events, holds=opened)
        assert len(await running.warmup_holds()) == 4
        after, ends = closing(state, NOON + DAY)
        ended = HoldChanges(opened=(hold(),), ended={"listing/1": (NOON + DAY, "delisted"), "listing/9": (NOON, "x")})
        await commit(running, NOON + DAY, states={IPV4: after}, events=ends, holds=ended)
        over = {"ended_at": NOON + DAY, "ended_how": "delisted"}
        expected = [hold(**over), hold(provider="google", **over), hold("listing/2"), hold(run=OTHER, **over)]
        assert await running.warmup_holds() == expected

    async def test_an_end_is_not_moved(self, running):
        await running.commit_endings({}, [], [], HoldChanges((hold(),), {"listing/1": (NOON, "delisted")}))
        await running.commit_endings({}, [], [], HoldChanges(ended={"listing/1": (NOON + DAY, "void")}))
        assert await running.warmup_holds() == [hold(ended_at=NOON, ended_how="delisted")]

    async def test_they_are_there_with_the_event_or_not_at_all(self, running):
        holds = HoldChanges((hold(),))
        episodes = EpisodeChanges(events=[told()], holds=holds)
        for write in (
            lambda: commit(running, events=[told()], holds=holds),
            lambda: running.commit_endings({}, [told()], [], holds),
            lambda: running.commit_episodes(episodes),
        ):
            with broken_at("INSERT INTO event"), pytest.raises(RuntimeError):
                await write()
            assert await running.warmup_holds() == []
        await running.commit_episodes(episodes)
        assert (await running.warmup_holds(), await running.events()) == ([hold()], [told()])


class TestReadings:
    async def test_the_newest_of_a_day_stays(self, store):
        newer = READING._replace(read_at=NOON + HOUR, stage=4, pool=None)
        await store.keep_readings([newer, READING])
        await store.keep_readings([READING._replace(read_at=NOON + MINUTE)])
        assert await store.readings(MONDAY) == [newer]
        off = Reading("sparkpost", IPV4.value, MONDAY, NOON + 2 * HOUR, False)
        await store.keep_readings([off])
        assert await store.readings(MONDAY) == [off]

    async def test_choosing_among_them(self, store):
        await store.keep_readings([])
        next_day = READING._replace(on=MONDAY + DAY, read_at=NOON + DAY)
        elsewhere = READING._replace(ip="192.0.2.11")
        other = READING._replace(platform="sendgrid", stage=None, progress_ratio=0.1)
        await store.keep_readings([next_day, elsewhere, READING, other])
        assert await store.readings(MONDAY) == [other, READING, elsewhere, next_day]
        assert await store.readings(MONDAY + DAY) == [next_day]
        assert await store.readings(MONDAY, [IPV4.value]) == [other, READING, next_day]
        assert await store.readings(MONDAY, []) == []
