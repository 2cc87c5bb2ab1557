"""A channel that takes nothing is found, said through the others, once, and so is its end."""

from datetime import timedelta

import pytest

from deliverwatch.core.alerting import RetryPolicy
from deliverwatch.core.errors import ChannelFailed
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.receivers import Routing
from deliverwatch.core.routing import Match, Role, Route
from deliverwatch.flows.deliver_alerts import deliver_next
from deliverwatch.flows.ports import OutgoingMail
from deliverwatch.flows.tell import notify
from deliverwatch.flows.watch_channels import watch_channels
from deliverwatch.store import open_store
from flows.rounds import MovedClock
from samples import NOON

ROUTING = Routing(("ops@esp.example",), (Route("all", Match(), (Role.OPERATOR, "chat"), at_once=True),))
POLICY = RetryPolicy(delays=(timedelta(minutes=1),))


class Line:
    """A relay, or a chat server, that works or does not."""

    def __init__(self):
        self.refuses = None
        self.took = []

    async def deliver(self, mail):
        if self.refuses:
            raise ChannelFailed(self.refuses, permanent=False)
        self.took.append(mail.content.decode())


class Desk:
    def __init__(self, store):
        self.store, self.clock = store, MovedClock()
        self.mail, self.chat = Line(), Line()

    async def happen(self, key):
        event = Event(key, EventKind.LIST_STALE, self.clock.now(), "zen")
        await self.store.commit_endings({}, [event], notify([event], (), ROUTING))

    async def minutes(self, number):
        """What changed in them."""
        changed = []
        for _ in range(number):
            self.clock.advance(timedelta(minutes=1))
            channels = {"email": self.mail, "chat": self.chat}
            while await deliver_next(self.store, channels, _compose, self.clock, POLICY):
                pass
            changed += [event.kind for event in await watch_channels(self.store, self.clock, ROUTING)]
        return changed


def _compose(delivery, _):
    note = delivery.notification
    return OutgoingMail("us@esp.example", note.recipient, note.message_id, delivery.event.kind.encode())


@pytest.fixture
async def desk(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/deliverwatch.db")
    yield Desk(store)
    await store.close()


async def test_our_own_relay_that_refuses_is_said_through_the_other_channels_once(desk):
    desk.mail.refuses = "mail relay refused the sender: 550 5.7.1 our address is on a list"
    await desk.happen("one")
    assert await desk.minutes(2) == [], "two attempts may be a hiccup"
    assert await desk.minutes(30) == [EventKind.CHANNEL_FAILING]
    assert desk.chat.took == ["list_stale", "channel_failing"]
    (event,) = await desk.store.events((EventKind.CHANNEL_FAILING,))
    assert event.facts["why"] == desk.mail.refuses
    assert event.facts["since"].startswith(NOON.isoformat()[:16])


async def test_its_end_is_said_once_and_the_next_trouble_is_another(desk):
    desk.mail.refuses = "451 later"
    await desk.happen("one")
    await desk.minutes(5)
    desk.mail.refuses = None
    assert await desk.minutes(10) == [EventKind.CHANNEL_WELL]
    assert desk.mail.took == ["list_stale"], "that its channel fails is told nobody through it"
    desk.mail.refuses = "451 later"
    await desk.happen("two")
    assert await desk.minutes(10) == [EventKind.CHANNEL_FAILING]
    assert len(await desk.store.events((EventKind.CHANNEL_FAILING,))) == 2


async def test_one_message_that_nobody_takes_is_no_trouble_of_the_channel_while_others_go_out(desk):
    desk.mail.refuses = "451 later"
    await desk.happen("one")
    await desk.minutes(2)
    desk.mail.refuses = None
    await desk.happen("two")
    assert await desk.minutes(10) == []
