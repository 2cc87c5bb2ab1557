"""What becomes of a report between its preview and its readers; on a real store, with production's calendar."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deliverwatch.core.bulletin import BulletinItem
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory import Asset
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.contacts import (
    bounced,
    reachable,
    restore_contact,
    see_to_contact,
    token_digest,
    unsubscribe,
)
from deliverwatch.flows.report_ports import ContactState, WeekPlan
from deliverwatch.flows.report_words import ReportWords, skip_what_was_held_too_long
from deliverwatch.flows.send_reports import send_due_reports, send_report
from deliverwatch.flows.show_reports import show_reports
from deliverwatch.sandbox.clock import SteppedClock
from reporting.values import ACME, DAY, DESK, DUE_AT, FIRST, HOUR, MONTHS_BEFORE, SECOND, TAM, WEEK
from samples import customer


def words(store, clock, by="Tam"):
    return ReportWords(store, DESK, clock, ACME, WEEK, by)


async def events(store, kind):
    return [event for event in await store.events([kind])]


async def readers_told(store):
    return sorted(line.notification.recipient for line in await store.outbox() if line.notification.report_id)


class TestPreview:
    async def test_the_tam_is_told_once_before_it_goes(self, store, clock):
        assert await show_reports(store, DESK, clock) == 1
        assert await show_reports(store, DESK, clock) == 0
        (event,) = await events(store, EventKind.REPORT_WAITS)
        assert event.facts["week"] == WEEK
        assert event.facts["goes_at"] == DUE_AT.isoformat()
        assert event.facts["subject"] == f"Week {WEEK}"
        assert event.facts["figures"]
        assert TAM in [line.notification.recipient for line in await store.outbox()]
        assert await store.reports() == []

    @pytest.mark.parametrize("at", [DUE_AT - 3 * HOUR, DUE_AT])
    async def test_neither_before_the_window_nor_behind_it(self, store, at):
        assert await show_reports(store, DESK, SteppedClock(at)) == 0

    async def test_not_of_one_that_is_not_to_go(self, store, clock):
        await words(store, clock).skip("a test customer")
        assert await show_reports(store, DESK, clock) == 0

    async def test_one_that_fails_holds_up_no_other(self, store, clock):
        other = customer("bravo")
        held = Asset("198.51.100.7", "bravo")
        await store.apply_inventory(InventoryChange(customers_added=(other,), assets_added=(held,)), MONTHS_BEFORE)

        def break_one(report):
            if report.customer.id == "acme":
                raise KeyError("no words")
            return DESK.words(report)

        with pytest.raises(KeyError):
            await show_reports(store, replace(DESK, words=break_one), clock)
        assert [event.facts["customer"] for event in await events(store, EventKind.REPORT_WAITS)] == ["bravo"]


class TestWords:
    async def test_a_note_goes_out_with_the_report(self, store, clock):
        await words(store, clock).note("  We moved\nyour pool.  ")
        clock.advance(2 * HOUR)
        assert await send_due_reports(store, DESK, clock) == 1
        assert [run.note for run in await store.reports()] == ["We moved your pool."]

    async def test_a_held_one_goes_when_it_is_released(self, store, clock):
        await words(store, clock).note("Ask me.")
        await words(store, clock).hold("figures look odd")
        clock.advance(2 * DAY)
        assert await send_due_reports(store, DESK, clock) == 0
        await words(store, clock).release()
        assert await send_due_reports(store, DESK, clock) == 1
        assert [run.note for run in await store.reports()] == ["Ask me."]

    async def test_held_too_long_it_is_skipped_and_the_tam_is_told(self, store, clock):
        await words(store, clock).hold("figures look odd")
        clock.advance(timedelta(days=6))
        assert await skip_what_was_held_too_long(store, DESK, clock) == 0
        clock.advance(2 * HOUR)
        assert await skip_what_was_held_too_long(store, DESK, clock) == 1
        assert await skip_what_was_held_too_long(store, DESK, clock) == 0
        (word,) = await store.report_words()
        assert (word.plan, word.by) == (WeekPlan.SKIPPED, "deliverwatch")
        (event,) = await events(store, EventKind.REPORT_WAITS)
        assert (event.facts["goes_at"], event.facts["held_by"]) == (None, "Tam")
        assert TAM in [line.notification.recipient for line in await store.outbox()]
        assert await send_due_reports(store, DESK, clock) == 0

    async def test_one_that_was_skipped_is_never_made(self, store, clock):
        await words(store, clock).skip("nothing was sent")
        clock.advance(2 * HOUR)
        assert await send_due_reports(store, DESK, clock) == 0
        with pytest.raises(NotPossible, match="was skipped by Tam"):
            await words(store, clock).release()

    @pytest.mark.parametrize("act", ["note", "hold", "skip"])
    async def test_what_is_said_when_it_has_gone_is_refused(self, store, clock, act):
        clock.advance(2 * HOUR)
        await send_due_reports(store, DESK, clock)
        with pytest.raises(NotPossible, match="was made already"):
            await getattr(words(store, clock), act)("too late")

    async def test_words_that_mean_nothing_are_refused(self, store, clock):
        with pytest.raises(NotPossible, match="is not held"):
            await words(store, clock).release()
        with pytest.raises(NotPossible, match="the reason is empty"):
            await words(store, clock).hold(" \n ")
        with pytest.raises(NotPossible, match="1,001 characters"):
            await words(store, clock).note("x" * 1001)
        other = ReportWords(store, DESK, clock, ACME, "2026-W30", "Tam")
        with pytest.raises(NotPossible, match="neither due nor next"):
            await other.note("long ago")
        assert await store.report_words() == []

    async def test_a_hold_that_comes_while_it_is_made_still_holds_it(self, store, clock):
        clock.advance(2 * HOUR)

        class HeldMeanwhile:
            def __getattr__(self, name):
                return getattr(store, name)

            async def told_bulletins(self, customer):
                await words(store, clock).hold("wait")
                return frozenset()

        assert await send_due_reports(HeldMeanwhile(), DESK, clock) == 0
        assert (await store.reports(), await store.outbox()) == ([], [])
        await words(store, clock).release()
        clock.advance(DESK.lease_for)
        assert await send_due_reports(store, DESK, clock) == 1


class TestContacts:
    @pytest.fixture
    async def sent(self, store, clock):
        """The report of the week, with a known token in each reader's copy."""
        tokens = iter(["token of first", "token of second"])
        clock.advance(2 * HOUR)
        assert await send_due_reports(store, replace(DESK, new_token=lambda: next(tokens)), clock) == 1
        return (await store.reports())[0]

    async def test_one_whose_mail_bounced_gets_no_more_and_is_a_task(self, store, clock, sent):
        assert await bounced(store, DESK.routing, clock, sent.id, FIRST.upper(), "550 5.1.1 no\r\nsuch user")
        assert not await bounced(store, DESK.routing, clock, sent.id, FIRST, "again")
        assert await reachable(store, ACME) == (SECOND,)
        (event,) = await events(store, EventKind.REPORT_CONTACT_LOST)
        assert event.facts["why"] == "550 5.1.1 no\\r\\nsuch user"
        assert (event.facts["address"], event.facts["state"], event.facts["last"]) == (FIRST, "bounced", False)
        clock.advance(7 * DAY)
        later = replace(DESK, weeks_until=lambda *_: [("2026-W48", DUE_AT + 7 * DAY)])
        assert await send_due_reports(store, later, clock) == 1
        assert await readers_told(store) == [FIRST, SECOND, SECOND]

    async def test_of_the_last_one_it_is_said(self, store, clock, sent):
        assert await unsubscribe(store, DESK.routing, clock, "token of first")
        assert await unsubscribe(store, DESK.routing, clock, "token of second")
        told = {
            event.facts["address"]: event.facts["last"] for event in await events(store, EventKind.REPORT_CONTACT_LOST)
        }
        assert told == {FIRST: False, SECOND: True}
        clock.advance(7 * DAY)
        later = replace(DESK, weeks_until=lambda *_: [("2026-W48", DUE_AT + 7 * DAY)])
        assert await send_due_reports(store, later, clock) == 0
        await restore_contact(store, clock, "acme", SECOND)
        assert await send_due_reports(store, later, clock) == 1

    async def test_an_unknown_token_is_nobodys(self, store, clock, sent):
        assert not await unsubscribe(store, DESK.routing, clock, "token of third")
        assert await store.contacts() == []

    async def test_the_token_itself_is_not_kept(self, store, clock, sent, tmp_path):
        assert await store.token_owner(token_digest("token of first")) == ("acme", FIRST)
        kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        assert token_digest("token of first").encode() in kept
        assert b"token of first" not in kept

    async def test_a_restored_one_is_not_taken_away_by_an_older_report(self, store, clock, sent):
        await bounced(store, DESK.routing, clock, sent.id, FIRST, "550 no such user")
        clock.advance(HOUR)
        await restore_contact(store, clock, "acme", FIRST.upper())
        clock.advance(HOUR)
        assert not await bounced(store, DESK.routing, clock, sent.id, FIRST, "550 no such user")
        assert await reachable(store, ACME) == (FIRST, SECOND)

    async def test_who_bounced_and_then_unsubscribes_has_unsubscribed(self, store, clock, sent):
        await bounced(store, DESK.routing, clock, sent.id, FIRST, "550 no such user")
        assert await unsubscribe(store, DESK.routing, clock, "token of first")
        assert [each.state for each in await store.contacts()] == [ContactState.UNSUBSCRIBED]

    async def test_a_stranger_to_the_report_is_not_lost(self, store, clock, sent):
        assert not await bounced(store, DESK.routing, clock, sent.id, "other@acme.example", "550")
        assert not await bounced(store, DESK.routing, clock, "no-report", FIRST, "550")
        assert await store.contacts() == []

    async def test_the_tam_has_done_with_one(self, store, clock, sent):
        await bounced(store, DESK.routing, clock, sent.id, FIRST, "550 no such user")
        done = await see_to_contact(store, clock, "acme", FIRST)
        assert done.seen_to_at > done.at
        assert await reachable(store, ACME) == (SECOND,)
        with pytest.raises(NotPossible, match="no lost contact"):
            await see_to_contact(store, clock, "acme", SECOND)

    async def test_two_that_are_lost_at_once_know_of_each_other(self, store, clock, sent):
        class LostMeanwhile:
            """Another worker is a little faster, once."""

            first = True

            def __getattr__(self, name):
                return getattr(store, name)

            async def contact_lost(self, *arguments):
                if LostMeanwhile.first:
                    LostMeanwhile.first = False
                    await unsubscribe(store, DESK.routing, clock, "token of first")
                return await store.contact_lost(*arguments)

        assert await unsubscribe(LostMeanwhile(), DESK.routing, clock, "token of second")
        told = {
            event.facts["address"]: event.facts["last"] for event in await events(store, EventKind.REPORT_CONTACT_LOST)
        }
        assert told == {FIRST: False, SECOND: True}


async def test_a_report_by_hand_reaches_whoever_is_left(store, clock):
    clock.advance(2 * HOUR)
    inventory = await store.inventory()
    assert await send_report(store, DESK, clock, inventory, ACME, WEEK)
    assert await readers_told(store) == [FIRST, SECOND]


async def test_news_are_told_to_a_customer_once(store, clock):
    item = BulletinItem(
        datetime(2026, 11, 17, tzinfo=UTC).date(), "News", "Of the week.", "https://esp.example", "news"
    )

    def news(customer, week, told):
        return () if item.id in told else (item,)

    desk = replace(DESK, bulletin=news, weeks_until=lambda *_: [(WEEK, DUE_AT), ("2026-W46", DUE_AT - DAY)])
    clock.advance(2 * HOUR)
    assert await send_due_reports(store, desk, clock) == 2
    assert sorted((run.week, run.bulletin) for run in await store.reports()) == [("2026-W46", ()), (WEEK, ("news",))]
