"""Reminders on a real store: who is reminded of what, once a week, whatever was killed meanwhile."""

import shutil
from dataclasses import replace

import pytest

from contract.store_values import (
    ACME,
    DAY,
    HOUR,
    LEASE,
    MINUTE,
    NOON,
    block,
    closing,
    commit,
    draft,
    in_doubt,
    opening,
    step,
)
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import EventKind
from deliverwatch.core.flapping import Unstable
from deliverwatch.core.incidents import gather
from deliverwatch.core.inventory import Asset, Holdings, Inventory
from deliverwatch.core.listing import Watch
from deliverwatch.core.mail_share import Attempts, MailShares
from deliverwatch.core.receivers import Routing
from deliverwatch.core.reconcile import Change, events_of
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.remind import JOB, ReminderDesk, remind
from deliverwatch.flows.tell import notify
from deliverwatch.store import open_store
from flows.rounds import MovedClock, hold
from samples import SAMPLE_LIST

OPS, TAM = "ops@esp.example", "tam@esp.example"
HELD = Inventory((ACME,), (Asset("192.0.2.0/28", "acme"),))
ZEN = replace(SAMPLE_LIST, id="zen")
SOME = replace(SAMPLE_LIST, id="some", leads=False)
ROUTING = Routing((OPS,))
REMINDERS = (EventKind.STILL_LISTED, EventKind.STILL_BLOCKED)


class World:
    def __init__(self, store):
        self.store, self.clock = store, MovedClock(NOON)
        self.desk = ReminderDesk(ROUTING, {"zen": ZEN, "some": SOME}, {}, LEASE)
        self.states = {}

    async def listed(self, *addresses, list_id="zen", quiet=False):
        opened = [(Watch(list_id, parse_subject(each)), each) for each in addresses]
        events = []
        for watch, _ in opened:
            self.states[watch], happened = opening(self.clock.now(), watch)
            events += [replace(each, facts={**each.facts, "parties": ["acme"]}) for each in happened]
        events = gather(ZEN, events, 900)
        if quiet:
            events = [replace(each, facts={**each.facts, "quiet": True}) for each in events]
        await self.round(list_id, events, {watch.subject: self.states[watch] for watch, _ in opened})
        self.clock.advance(2 * MINUTE)  # it is seen twice
        return events

    async def round(self, list_id, events=(), states=None, **more):
        notes = notify(events, HELD.customers, ROUTING)
        await commit(
            self.store, self.clock.now(), list_id, states=states or {}, events=events, notifications=notes, **more
        )

    async def delisted(self, address, list_id="zen"):
        watch = Watch(list_id, parse_subject(address))
        state, events = closing(self.states[watch], self.clock.now(), watch)
        events = [replace(each, facts={**each.facts, "parties": ["acme"]}) for each in events]
        await self.round(list_id, events, {watch.subject: state})

    async def blocked(self, **changes):
        after = replace(block(opened_at=self.clock.now(), last_seen_at=self.clock.now(), **changes))
        after = replace(after, evidence={**after.evidence, "told": True, "rule": "s3140"})
        events = [
            replace(
                each, facts={**each.facts, "parties": ["acme"], "provider_name": "Microsoft", "postmaster_url": None}
            )
            for each in events_of(Change(None, after), self.clock.now())
        ]
        notes = notify(events, HELD.customers, ROUTING)
        await self.store.commit_episodes(EpisodeChanges([after], events, notes))
        return after

    async def send(self):
        """Everything that is due; to whom what went."""
        sent = []
        while (due := await self.store.claim_notification(self.clock.now(), LEASE)) is not None:
            await self.store.notification_sent(due, self.clock.now())
            sent.append((due.notification.recipient, due.event.kind, due.event))
        return sent

    async def days(self, count=1):
        """How many reminders each day made."""
        made = []
        for _ in range(count):
            self.clock.advance(DAY)
            made.append(await remind(self.store, self.clock, self.desk))
        return made

    async def reminded(self):
        """Newest first."""
        return [event for event in await self.store.events(REMINDERS) if not event.facts.get("quiet")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A database with its tables: making them takes longer than most tests."""
    path = tmp_path_factory.mktemp("made") / "made.db"
    open_store(f"sqlite:///{path}").shut()
    return path


@pytest.fixture
async def world(made, tmp_path):
    store = open_store(f"sqlite:///{shutil.copy(made, tmp_path / 'here.db')}")
    await hold(store, HELD)
    yield World(store)
    await store.close()


async def test_what_was_told_and_goes_on_is_reminded_of_every_week(world):
    await world.listed("192.0.2.1")
    await world.send()
    assert await world.days(16) == [0] * 7 + [1] + [0] * 6 + [1, 0]
    assert {(to, kind) for to, kind, _ in await world.send()} == {(TAM, EventKind.STILL_LISTED)}
    assert [event.facts["week"] for event in await world.reminded()] == [2, 1]


async def test_it_ends_with_the_listing(world):
    await world.listed("192.0.2.1")
    await world.send()
    await world.delisted("192.0.2.1")
    assert await world.days(9) == [0] * 9


async def test_what_nobody_was_told_of_is_not_brought_up_again(world):
    """It has not been sent, or was to be told to nobody."""
    await world.listed("192.0.2.1")
    await world.listed("192.0.2.2", quiet=True)
    assert await world.days(9) == [0] * 9


async def test_a_list_that_only_informs_reminds_of_nothing(world):
    await world.listed("192.0.2.1", list_id="some")
    await world.send()
    assert await world.days(9) == [0] * 9


async def test_what_is_doubted_or_comes_and_goes_waits_for_the_next_week(world):
    await world.listed("192.0.2.1")
    world.clock.advance(HOUR)
    await world.listed("192.0.2.2")
    await world.send()
    one, other = (parse_subject(address) for address in ("192.0.2.1", "192.0.2.2"))
    doubted = in_doubt({one: world.states[Watch("zen", one)]})
    assert doubted[one].doubted
    await world.round("zen", states=doubted, unstable={other: Unstable(world.clock.now(), world.clock.now())})
    assert await world.days(9) == [0] * 9
    await world.round("zen", states={one: world.states[Watch("zen", one)]}, unstable={other: None})
    assert sum(await world.days(7)) == 2


async def test_one_incident_is_one_message_and_its_other_members_are_quiet(world):
    await world.listed("192.0.2.1", "192.0.2.2", "192.0.2.3")
    await world.send()
    await world.delisted("192.0.2.1")
    assert sum(await world.days(8)) == 1
    (event,) = await world.reminded()
    assert (event.facts["members"], event.facts["member_count"]) == (["192.0.2.2/31"], 2)
    assert len(await world.store.events(REMINDERS)) == 2


async def test_it_says_what_was_asked(world):
    (opened,) = await world.listed("192.0.2.1")
    asked, dropped = draft(opened.key), draft(opened.key, 2, follow_up_of="d-1")
    for each in (asked, dropped):
        assert await world.store.add_draft(each, step())
    closed = replace(dropped, state=DraftState.CLOSED, version=2)
    await world.store.move_draft(closed, step(DraftState.CLOSED))
    await world.send()
    await world.days(8)
    (event,) = await world.reminded()
    assert [each["id"] for each in event.facts["drafts"]] == ["d-1"]
    assert event.facts["drafts"][0]["state"] == "prepared"


async def test_it_says_how_much_of_the_mail_is_hit_now(world):
    async def shares():
        attempts = [Attempts("192.0.2.1", "", "google", 30), Attempts("192.0.2.2", "", "google", 70)]
        return MailShares(attempts, Holdings(HELD.assets), world.clock.now().date())

    world.desk = replace(world.desk, shares=shares)
    await world.listed("192.0.2.1")
    await world.send()
    await world.days(8)
    assert (await world.reminded())[0].facts["mail_share"] == 0.3


async def test_a_block_that_goes_on_is_reminded_of_too(world):
    episode = await world.blocked()
    await world.send()
    assert sum(await world.days(8)) == 1
    (event,) = await world.reminded()
    assert event.kind is EventKind.STILL_BLOCKED
    assert (event.facts["parties"], event.facts["provider"]) == (["acme"], "microsoft")
    assert event.facts["opened_at"] == episode.opened_at.isoformat()
    await world.store.commit_episodes(
        EpisodeChanges([replace(episode, closed_at=world.clock.now(), ended=EpisodeEnd.ACCEPTED)])
    )
    assert sum(await world.days(8)) == 0


async def test_days_without_a_daemon_are_made_up_once(world):
    await world.listed("192.0.2.1")
    await world.send()
    assert await world.days(1) == [0]
    world.clock.advance(9 * DAY)
    assert await remind(world.store, world.clock, world.desk) == 1
    assert await remind(world.store, world.clock, world.desk) is None
    assert sum(await world.days(4)) == 0


async def test_one_that_was_killed_before_its_slot_was_done_is_repeated_without_an_echo(world, monkeypatch):
    """Meanwhile the one that led has ended: the other must not be told again."""
    await world.listed("192.0.2.1", "192.0.2.2")
    await world.send()
    await world.days(7)
    finish = world.store.finish_slot

    async def killed(*_):
        raise RuntimeError("killed")

    monkeypatch.setattr(world.store, "finish_slot", killed)
    with pytest.raises(RuntimeError):
        await world.days(1)
    monkeypatch.setattr(world.store, "finish_slot", finish)
    world.clock.advance(HOUR)
    await world.delisted("192.0.2.1")
    assert await remind(world.store, world.clock, world.desk) == 0
    assert (await world.store.last_slot(JOB)).finished_at is not None
    assert len(await world.reminded()) == 1


async def test_another_worker_s_slot_is_left_to_it(world):
    await world.listed("192.0.2.1")
    await world.send()
    await world.days(7)
    world.clock.advance(DAY)
    today = world.clock.now().date()
    key = f"{today}/{today - DAY}"
    await world.store.add_slot(JOB, key, world.clock.now())
    assert await world.store.claim_slot(JOB, key, world.clock.now(), LEASE) is not None
    assert await remind(world.store, world.clock, world.desk) is None
    world.clock.advance(2 * LEASE)
    assert await remind(world.store, world.clock, world.desk) == 1
