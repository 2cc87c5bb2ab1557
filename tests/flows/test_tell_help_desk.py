"""A help desk hears of every step once it is done, in order, as it was: on a real store and a real HTTP server."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from channels.test_webhook import status
from contract.store_values import HOUR, NOON, block, draft, step
from deliverwatch.channels.email import EmailChannel
from deliverwatch.channels.webhook import WebhookChannel
from deliverwatch.core.alerting import NotificationState, RetryPolicy
from deliverwatch.core.remediation.draft import Action, DraftState
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.flows.tell_help_desk import webhook_notification
from deliverwatch.render.draft_document import document
from deliverwatch.sandbox.clock import SteppedClock
from deliverwatch.store import open_store
from servers.help_desk import help_desk

POLICY = RetryPolicy()
HOST = "https://desk.esp.example"


@pytest.fixture
def clock():
    return SteppedClock(NOON + HOUR)


@pytest.fixture
async def store(tmp_path):
    store = open_store(f"sqlite:///{tmp_path / 'store.db'}")
    yield store
    await store.close()


@pytest.fixture
async def told(store):
    """A draft, prepared and pulled, with what is owed to the help desk."""
    first = draft(block().key)
    prepared = step()
    note, body = webhook_notification(first, prepared, HOST, NOON, document)
    assert await store.add_draft(first, prepared, [note], {note.id: body})
    pulled = replace(first, state=DraftState.PULLED, pulled_by="Robin", version=first.version + 1)
    taken = step(DraftState.PULLED, "Robin", NOON + timedelta(minutes=1), action=Action.PULLED)
    later, more = webhook_notification(pulled, taken, HOST, taken.at, document)
    await store.move_draft(pulled, taken, [later], {later.id: more})
    return [(note, body), (later, more)]


def compose(delivery, _):
    note = delivery.notification
    return OutgoingMail("watch@esp.example", note.recipient, note.message_id, delivery.content)


async def deliver(store, clock, address=None):
    channels = {"email": EmailChannel("127.0.0.1", 1)}
    if address is not None:
        channels["webhook"] = WebhookChannel(f"http://{address}", None, clock.now)
    return await deliver_next(store, channels, compose, clock, POLICY)


async def test_each_step_is_told_as_it_was_committed(store, clock, told):
    async with help_desk() as (desk, address):
        assert [await deliver(store, clock, address) for _ in range(3)] == [True, True, False]
    assert [body for _, _, body in desk.heard] == [body for _, body in told]
    assert [headers["deliverwatch-id"] for _, headers, _ in desk.heard] == [note.id for note, _ in told]
    assert [json.loads(body)["event"] for _, _, body in desk.heard] == ["draft.prepared", "draft.pulled"]
    assert {line.state for line in await store.outbox()} == {NotificationState.SENT}


async def test_no_step_overtakes_one_that_is_still_owed(store, clock, told):
    async with help_desk(status(503)) as (_, address):
        assert [await deliver(store, clock, address) for _ in range(2)] == [True, False]
    clock.advance(HOUR)
    async with help_desk() as (desk, address):
        while await deliver(store, clock, address):
            pass
    assert [body for _, _, body in desk.heard] == [body for _, body in told]


async def test_what_it_refuses_is_a_dead_letter_that_holds_up_nothing(store, clock, told):
    async with help_desk(status(422)) as (desk, address):
        assert [await deliver(store, clock, address) for _ in range(3)] == [True, True, False]
    assert len(desk.heard) == 2
    lines = await store.outbox()
    assert {line.state for line in lines} == {NotificationState.DEAD}
    assert all("answered with HTTP status 422" in line.last_error for line in lines)


async def test_without_its_channel_it_waits(store, clock, told):
    assert await deliver(store, clock)
    assert {line.state for line in await store.outbox()} == {NotificationState.PENDING}
    assert [line.last_error for line in await store.outbox() if line.last_error] == [
        "the channel webhook is not set up any more"
    ]
