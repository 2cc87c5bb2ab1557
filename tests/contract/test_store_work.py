"""What the flows may rely on of a store, on every database: outbox, reports."""

from dataclasses import replace

import pytest

from contract.store_values import (
    ACME,
    BRAVO,
    DAY,
    HOUR,
    IPV4,
    LEASE,
    MINUTE,
    NOON,
    alert,
    closing,
    commit,
    open_listing,
)
from deliverwatch.core.alerting import Audience, Notification, NotificationState
from deliverwatch.core.errors import FenceLost, StoreError
from deliverwatch.core.events import EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.ports import ReportRun


class TestOutbox:
    async def test_nothing_is_owed_at_first(self, store):
        assert await store.claim_notification(NOON, LEASE) is None
        assert await store.outbox() == []

    async def test_claimed_with_what_it_is_made_from_and_sent_once(self, store):
        _, event = await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        assert (delivery.notification, delivery.event) == (alert(event), event)
        assert (delivery.attempt, delivery.content) == (1, None)
        assert await store.claim_notification(NOON + HOUR, LEASE) is None
        (line,) = await store.outbox()
        assert (line.state, line.attempts, line.next_attempt_at) == (NotificationState.SENDING, 1, None)
        await store.notification_sent(delivery, NOON + HOUR + MINUTE)
        (line,) = await store.outbox()
        assert (line.state, line.sent_at) == (NotificationState.SENT, NOON + HOUR + MINUTE)
        assert line.event_kind is EventKind.LISTING_OPENED
        assert await store.claim_notification(NOON + 30 * DAY, LEASE) is None

    async def test_a_claim_is_seen_by_others_before_anything_is_sent(self, store, start_store):
        await open_listing(store)
        assert await store.claim_notification(NOON + HOUR, LEASE) is not None
        assert await start_store().claim_notification(NOON + HOUR, LEASE) is None

    async def test_is_not_due_before_it_was_made(self, store):
        _, event = await open_listing(store)
        assert await store.claim_notification(event.at - MINUTE, LEASE) is None

    async def test_an_expired_lease_is_followed_by_the_same_message(self, store):
        await open_listing(store)
        late = await store.claim_notification(NOON + HOUR, LEASE)
        assert await store.claim_notification(NOON + HOUR + LEASE - MINUTE, LEASE) is None
        again = await store.claim_notification(NOON + HOUR + LEASE, LEASE)
        assert (again.notification, again.attempt) == (late.notification, 2)
        await store.notification_failed(late, "too late", None)
        (line,) = await store.outbox()
        assert (line.state, line.last_error) == (NotificationState.SENDING, None)
        await store.notification_sent(late, NOON + 2 * HOUR)  # it was accepted after all
        await store.notification_sent(again, NOON + 3 * HOUR)
        await store.notification_failed(again, "never mind", NOON)
        (line,) = await store.outbox()
        assert (line.state, line.sent_at, line.last_error) == (NotificationState.SENT, NOON + 2 * HOUR, None)

    async def test_a_failed_one_comes_back_when_it_may(self, store):
        await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "451 later", NOON + 2 * HOUR)
        (line,) = await store.outbox()
        assert (line.state, line.next_attempt_at) == (NotificationState.PENDING, NOON + 2 * HOUR)
        assert line.last_error == "451 later"
        assert await store.claim_notification(NOON + 2 * HOUR - MINUTE, LEASE) is None
        assert (await store.claim_notification(NOON + 2 * HOUR, LEASE)).attempt == 2

    async def test_a_dead_letter_stays_dead(self, store):
        await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "550 no such user", None)
        assert await store.claim_notification(NOON + 30 * DAY, LEASE) is None
        (line,) = await store.outbox()
        assert (line.state, line.next_attempt_at) == (NotificationState.DEAD, None)

    async def test_the_message_is_kept_by_who_holds_the_claim(self, store):
        await open_listing(store)
        late = await store.claim_notification(NOON + HOUR, LEASE)
        newer = await store.claim_notification(NOON + HOUR + LEASE, LEASE)
        with pytest.raises(FenceLost):
            await store.keep_content(late, b"of the late one")
        await store.keep_content(newer, b"\x00\xff\r\n")
        await store.notification_failed(newer, "451 later", NOON + 2 * HOUR)
        with pytest.raises(FenceLost):
            await store.keep_content(newer, b"other")
        again = await store.claim_notification(NOON + 2 * HOUR, LEASE)
        assert (again.content, again.attempt) == (b"\x00\xff\r\n", 3)

    async def test_looked_up_by_state(self, store):
        for minute in range(4):
            await open_listing(store, NOON + minute * MINUTE, Watch("zen", parse_subject(f"192.0.2.{minute}")))
        dead, sent, sending = [await store.claim_notification(NOON + HOUR, LEASE) for _ in range(3)]
        await store.notification_failed(dead, "550 no such user", None)
        await store.notification_sent(sent, NOON + HOUR)
        (line,) = await store.outbox(1, {NotificationState.DEAD})
        assert line.notification == dead.notification
        owed = await store.outbox(states=(NotificationState.PENDING, NotificationState.SENDING))
        assert [line.state for line in owed] == [NotificationState.PENDING, NotificationState.SENDING]
        assert owed[1].notification == sending.notification
        assert len(await store.outbox()) == 4

    async def test_the_oldest_first(self, store):
        minutes = [5, 1, 8, 3, 7, 2, 6, 4]
        for minute in minutes:
            await open_listing(store, NOON + minute * MINUTE, Watch("zen", parse_subject(f"192.0.2.{minute}")))
        claimed = [(await store.claim_notification(NOON + HOUR, LEASE)).event.subject.value for _ in minutes]
        assert claimed == [f"192.0.2.{minute}" for minute in sorted(minutes)]
        newest = [line.notification.created_at for line in await store.outbox(limit=2)]
        assert newest == [NOON + 9 * MINUTE, NOON + 8 * MINUTE]

    async def test_an_end_is_not_told_while_the_beginning_is_owed(self, store):
        state, _ = await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "451 later", NOON + 8 * HOUR)
        closed, events = closing(state, NOON + 2 * HOUR)
        both = [alert(events[0]), alert(events[0], "operator@esp.example")]
        await commit(store, NOON + 4 * HOUR, states={IPV4: closed}, events=events, notifications=both)
        first = await store.claim_notification(NOON + 5 * HOUR, LEASE)
        assert first.notification.recipient == "operator@esp.example"
        await store.notification_sent(first, NOON + 5 * HOUR)
        assert await store.claim_notification(NOON + 5 * HOUR, LEASE) is None
        beginning = await store.claim_notification(NOON + 8 * HOUR, LEASE)
        assert beginning.event.kind is EventKind.LISTING_OPENED
        assert await store.claim_notification(NOON + 8 * HOUR, LEASE) is None
        await store.notification_sent(beginning, NOON + 8 * HOUR)
        assert (await store.claim_notification(NOON + 8 * HOUR, LEASE)).event == events[0]


class TestNewestRound:
    async def test_is_the_one_that_was_written_last_though_the_clock_was_ahead_before(self, store):
        await commit(store, NOON + 400 * DAY)
        await commit(store, NOON)
        assert (await store.last_cycles())["zen"].started_at == NOON
        assert (await store.load_round("zen", NOON - 3 * DAY)).last_verified_at == NOON


def report(customer="acme", week="2026-W47", at=NOON):
    return ReportRun(
        f"{customer}-{week}", customer, week, at, "Your week", "<p>ä</p>", "ä", ("postmaster@acme.example",)
    )


def copies(run, *recipients):
    return [
        Notification(
            f"{run.id}/{to}", run.id, Audience.CUSTOMER, "email", to, (run.customer,), run.made_at, report_id=run.id
        )
        for to in recipients
    ]


class TestReports:
    @pytest.fixture(autouse=True)
    async def customers(self, store):
        await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO)), NOON)

    async def test_made_once_a_week_with_what_is_sent(self, store):
        run = report()
        notes = copies(run, "a@acme.example", "b@acme.example")
        contents = {note.id: f"To: {note.recipient}\r\n\r\n\x00\xff".encode("latin-1") for note in notes}
        assert await store.commit_report(None, run, notes, contents)
        assert not await store.commit_report(None, replace(run, id="other", text="other"), [], {})
        assert await store.reports() == [run]
        found = [await store.claim_notification(NOON, LEASE) for _ in notes]
        assert [(each.notification, each.content, each.event) for each in found] == [
            (note, contents[note.id], None) for note in notes
        ]

    async def test_found_by_customer_and_week(self, store):
        for number, (customer, week) in enumerate((("acme", "2026-W46"), ("acme", "2026-W47"), ("bravo", "2026-W47"))):
            assert await store.commit_report(None, report(customer, week, NOON + number * HOUR), [], {})
        assert [(run.customer, run.week) for run in await store.reports(week="2026-W47")] == [
            ("bravo", "2026-W47"),
            ("acme", "2026-W47"),
        ]
        assert [run.week for run in await store.reports(customer="acme")] == ["2026-W47", "2026-W46"]
        assert await store.reports(customer="bravo", week="2026-W46") == []

    async def test_its_slot_is_done_with_it(self, store):
        await store.add_slot("report", "acme/2026-W47", NOON)
        claim = await store.claim_slot("report", "acme/2026-W47", NOON, LEASE)
        assert await store.commit_report(claim, report(), [], {})
        assert (await store.last_slot("report")).finished_at == NOON
        assert not await store.commit_report(claim, report(), [], {})

    async def test_a_week_that_was_sent_by_hand_needs_no_further_attempt(self, store):
        assert await store.commit_report(None, report(), [], {})
        await store.add_slot("report", "acme/2026-W47", NOON)
        claim = await store.claim_slot("report", "acme/2026-W47", NOON, LEASE)
        assert not await store.commit_report(claim, replace(report(), id="other"), copies(report(), "a@b.example"), {})
        assert await store.outbox() == []

    async def test_a_lost_fence_writes_nothing(self, store):
        await store.add_slot("report", "acme/2026-W47", NOON)
        late = await store.claim_slot("report", "acme/2026-W47", NOON, LEASE)
        await store.claim_slot("report", "acme/2026-W47", NOON + LEASE, LEASE)
        with pytest.raises(FenceLost):
            await store.commit_report(late, report(), copies(report(), "a@acme.example"), {})
        assert (await store.reports(), await store.outbox()) == ([], [])

    async def test_a_report_that_fails_half_way_leaves_nothing(self, store):
        note = replace(copies(report(), "a@acme.example")[0], event_key="no such event")
        with pytest.raises(StoreError):
            await store.commit_report(None, report(), [note], {})
        assert await store.reports() == []
