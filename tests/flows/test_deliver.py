"""One message whenever it is sent, and none that holds up the others; on a real store and a real mailbox."""

from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.policy import SMTP

import pytest

from contract.store_values import HOUR, IPV6, NOON, alert, open_listing
from deliverwatch.channels.email import EmailChannel
from deliverwatch.core.alerting import NotificationState, RetryPolicy
from deliverwatch.core.errors import ChannelFailed, StoreError
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.render.mail import compose
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.sandbox.mailbox import Stage, Trouble
from deliverwatch.store import open_store
from samples import INVENTORY

POLICY = RetryPolicy()
OTHER_WATCH = Watch("zen", IPV6)


@pytest.fixture
def clock():
    return SteppedClock(NOON + HOUR)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


@pytest.fixture
async def mailbox(start_mailbox):
    return await start_mailbox()


class Writer:
    """Makes messages from the settings and the inventory of the moment."""

    def __init__(self, sender="Watch <watch@esp.example>"):
        self.sender = sender
        self.broken = {}

    def __call__(self, delivery, inventory):
        note = delivery.notification
        if (failure := self.broken.get(delivery.event.subject)) is not None:
            raise failure
        if delivery.content is not None:
            return OutgoingMail(self.sender, note.recipient, note.message_id, delivery.content)
        text = f"{delivery.event.subject.value} of {[customer.name for customer in inventory.customers]}\n"
        content = compose(self.sender, note.recipient, "Listed", text, None, note.message_id, note.created_at)
        return OutgoingMail(self.sender, note.recipient, note.message_id, content)


@pytest.fixture
def deliver(store, mailbox, clock):
    """await deliver(writer) -> whether one was due"""
    channel = EmailChannel("127.0.0.1", mailbox.port, helo="watch.esp.example")
    return lambda writer: deliver_next(store, {"email": channel}, writer, clock, POLICY)


async def test_a_message_is_the_same_though_settings_and_inventory_changed_between_two_attempts(
    store, mailbox, clock, deliver
):
    await open_listing(store)
    mailbox.script(Stage.MESSAGE, Trouble.ACCEPT_AND_DROP)
    assert await deliver(Writer())
    await store.apply_inventory(InventoryChange(customers_added=INVENTORY.customers), clock.now())
    clock.advance(HOUR)
    assert await deliver(Writer("Watch <watch@renamed.example>"))
    first, second = mailbox.messages
    assert first.content == second.content
    assert message_from_bytes(second.content, policy=SMTP)["Message-ID"].endswith("@esp.example>")
    assert [line.state for line in await store.outbox()] == [NotificationState.SENT]


async def test_a_message_is_kept_before_it_is_sent(store, mailbox, clock, deliver):
    await open_listing(store)
    mailbox.script(Stage.CONNECT, Trouble.DROP)
    await deliver(Writer())
    clock.advance(HOUR)
    again = await store.claim_notification(clock.now(), POLICY.lease_for)
    assert b"\r\nSubject: Listed\r\n" in again.content
    assert mailbox.messages == []


async def test_nothing_is_sent_by_one_whose_claim_went_to_somebody_else_meanwhile(store, mailbox, clock):
    await open_listing(store)

    class Overtaken:
        """The store of a sender that fell asleep for longer than its lease."""

        def __getattr__(self, name):
            return getattr(store, name)

        async def inventory(self):
            assert await store.claim_notification(clock.now() + POLICY.lease_for, POLICY.lease_for)
            return await store.inventory()

    channel = EmailChannel("127.0.0.1", mailbox.port)
    assert await deliver_next(Overtaken(), {"email": channel}, Writer(), clock, POLICY)
    assert mailbox.messages == []
    (line,) = await store.outbox()
    assert (line.state, line.attempts, line.last_error) == (NotificationState.SENDING, 2, None)


async def test_a_mistake_in_one_message_is_shown_and_holds_up_no_other(store, mailbox, clock, deliver):
    _, broken = await open_listing(store)
    _, sound = await open_listing(store, NOON + timedelta(minutes=5), OTHER_WATCH)
    writer = Writer()
    writer.broken = {broken.subject: KeyError("no such fact")}
    assert [await deliver(writer) for _ in range(3)] == [True, True, False]
    lines = {line.notification: line for line in await store.outbox()}
    assert lines[alert(sound)].state is NotificationState.SENT
    failed = lines[alert(broken)]
    assert (failed.state, failed.attempts) == (NotificationState.PENDING, 1)
    assert failed.next_attempt_at > clock.now()
    assert "KeyError: 'no such fact'" in failed.last_error
    writer.broken = {}
    clock.advance(HOUR)
    assert await deliver(writer)
    assert len(mailbox.messages) == 2


async def test_a_mistake_that_stays_ends_as_a_dead_letter(store, clock, deliver):
    _, event = await open_listing(store)
    writer = Writer()
    writer.broken = {event.subject: AssertionError()}
    clock.advance(POLICY.give_up_after)
    assert await deliver(writer)
    (line,) = await store.outbox()
    assert line.state is NotificationState.DEAD
    assert "AssertionError" in line.last_error


async def test_a_message_that_cannot_be_made_safely_is_not_tried_again(store, deliver):
    _, event = await open_listing(store)
    writer = Writer()
    writer.broken = {event.subject: ChannelFailed("it would say something else", permanent=True)}
    assert await deliver(writer)
    (line,) = await store.outbox()
    assert (line.state, line.last_error) == (NotificationState.DEAD, "it would say something else")


async def test_a_database_that_fails_is_told_at_once(store, deliver):
    _, event = await open_listing(store)
    writer = Writer()
    writer.broken = {event.subject: StoreError("disk is full")}
    with pytest.raises(StoreError):
        await deliver(writer)


async def test_kept_content_belongs_to_the_newest_claim(store, clock):
    await open_listing(store)
    late = await store.claim_notification(clock.now(), POLICY.lease_for)
    clock.advance(POLICY.lease_for)
    newest = await store.claim_notification(clock.now(), POLICY.lease_for)
    await store.keep_content(newest, b"the message")
    clock.advance(POLICY.lease_for)
    again = await store.claim_notification(clock.now(), POLICY.lease_for)
    assert (again.content, replace(again, content=None, attempt=1, fence=1)) == (b"the message", late)
