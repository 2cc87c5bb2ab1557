"""What the flows may rely on of a store, on every database: blocks, throttles, findings, warnings, and their causes."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, event

from contract.store_values import DAY, HOUR, IPV4, IPV6, LEASE, MINUTE, NOON, alert, closing, commit, open_listing
from deliverwatch.core.block import Episode, EpisodeEnd, EpisodeKind
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges

ACME = parse_subject("news.acme.example")
BLOCK = Episode(
    key="block/microsoft/192.0.2.10/1",
    kind=EpisodeKind.BLOCK,
    provider="microsoft",
    subject=IPV4,
    what="",
    class_=ReplyClass.IP_BLOCK,
    opened_at=NOON,
    last_seen_at=NOON + HOUR,
    mail_share=0.25,
    evidence={"rule": "microsoft/s3140", "samples": ["550 5.7.1 ... (S3140)", "\u0000"], "bounced": 40},
)
WARNING = Episode(
    key="warning/ptr/1",
    kind=EpisodeKind.WARNING,
    provider="",
    subject=ACME,
    what="spf",
    class_=None,
    opened_at=NOON - DAY,
    last_seen_at=NOON,
)


def opened(episode, kind=EventKind.BLOCK_OPENED):
    return Event(episode.key, kind, episode.opened_at, "", episode.subject, {"provider": episode.provider})


def changes(*episodes, events=None):
    made = [opened(each) for each in episodes] if events is None else events
    return EpisodeChanges(episodes, made, [alert(each) for each in made])


class TestEpisodes:
    async def test_what_is_committed_is_what_is_read(self, store):
        assert await store.episodes() == []
        await store.commit_episodes(changes(WARNING, BLOCK))
        assert await store.episodes() == [BLOCK, WARNING]
        assert await store.events() == [opened(BLOCK), opened(WARNING)]
        assert {line.notification for line in await store.outbox()} == {alert(opened(BLOCK)), alert(opened(WARNING))}

    async def test_the_same_again_is_written_once(self, store, count_rows):
        await store.commit_episodes(changes(BLOCK))
        delivery = await store.claim_notification(NOON + MINUTE, LEASE)
        await store.notification_sent(delivery, NOON + MINUTE)
        before = count_rows()
        await store.commit_episodes(changes(BLOCK))
        assert count_rows() == before
        assert await store.claim_notification(NOON + DAY, LEASE) is None

    async def test_an_episode_is_written_over(self, store):
        await store.commit_episodes(changes(BLOCK, WARNING))
        closed = replace(BLOCK, closed_at=NOON + 5 * HOUR, ended=EpisodeEnd.ACCEPTED, mail_share=None, evidence={})
        end = Event(f"{BLOCK.key}/end", EventKind.BLOCK_CLOSED, NOON + 5 * HOUR, "", IPV4, {"provider": "microsoft"})
        await store.commit_episodes(changes(closed, events=[end]))
        assert await store.episodes() == [closed, WARNING]
        assert (await store.events(limit=1)) == [end]

    async def test_an_episode_may_change_and_nothing_be_told(self, store):
        await store.commit_episodes(EpisodeChanges([BLOCK]))
        await store.commit_episodes(EpisodeChanges())
        assert await store.episodes() == [BLOCK]
        assert await store.events() == []

    async def test_choosing_among_them(self, store):
        closed = replace(BLOCK, key="k", closed_at=NOON + HOUR, ended=EpisodeEnd.WITHDRAWN)
        throttle = replace(BLOCK, key="t", kind=EpisodeKind.THROTTLE, class_=ReplyClass.RATE_LIMIT, subject=IPV6)
        await store.commit_episodes(changes(closed, throttle, WARNING))
        assert await store.episodes(open_only=True) == [throttle, WARNING]
        assert await store.episodes(kinds=[EpisodeKind.BLOCK, EpisodeKind.WARNING]) == [closed, WARNING]
        assert await store.episodes(kinds={EpisodeKind.BLOCK}, open_only=True) == []
        assert await store.episodes(since=NOON) == [closed, throttle, WARNING]
        assert await store.episodes(since=NOON + HOUR) == [throttle, WARNING]

    async def test_what_is_told_of_one_sender_is_told_in_order(self, store):
        finding = replace(BLOCK, key="f", kind=EpisodeKind.FINDING, opened_at=NOON + MINUTE)
        await store.commit_episodes(changes(finding, BLOCK))
        first = await store.claim_notification(NOON + HOUR, LEASE)
        assert first.event == opened(BLOCK)
        assert await store.claim_notification(NOON + HOUR, LEASE) is None
        await store.notification_sent(first, NOON + HOUR)
        assert (await store.claim_notification(NOON + HOUR, LEASE)).event == opened(finding)

    @pytest.mark.parametrize("table", ["event", "notification"])
    async def test_a_commit_that_breaks_leaves_nothing(self, store, count_rows, table):
        before = count_rows()

        def break_off(_connection, _cursor, statement, *_):
            if statement.startswith(f"INSERT INTO {table}"):
                raise RuntimeError("killed")

        event.listen(Engine, "before_cursor_execute", break_off)
        try:
            with pytest.raises(RuntimeError):
                await store.commit_episodes(changes(BLOCK))
        finally:
            event.remove(Engine, "before_cursor_execute", break_off)
        assert count_rows() == before


class TestCauses:
    async def test_what_is_open_wants_one_until_it_has_it(self, store):
        _, listing = await open_listing(store)
        closed = replace(BLOCK, key="k", closed_at=NOON + HOUR, ended=EpisodeEnd.ACCEPTED)
        await store.commit_episodes(changes(BLOCK, closed, WARNING))
        wanted = [(listing.key, IPV4, NOON, None), (BLOCK.key, IPV4, NOON, None)]
        assert sorted(await store.causes_wanted(NOON + DAY)) == sorted(wanted)
        await store.keep_cause(BLOCK.key, {"volume_ratio": 3.5})
        await store.keep_cause(listing.key, {})
        assert await store.causes_wanted(NOON + DAY) == []
        assert await store.causes() == {BLOCK.key: {"volume_ratio": 3.5}, listing.key: {}}

    async def test_what_opened_lately_is_named_with_what_is_kept_of_it(self, store):
        _, listing = await open_listing(store)
        closed = replace(BLOCK, key="k", closed_at=NOON + HOUR, ended=EpisodeEnd.ACCEPTED)
        await store.commit_episodes(changes(closed, replace(WARNING, opened_at=NOON)))
        await store.keep_cause(listing.key, {"volume_ratio": 3.5})
        wanted = [(listing.key, IPV4, NOON, {"volume_ratio": 3.5}), ("k", IPV4, NOON, None)]
        assert await store.causes_wanted(NOON) == sorted(wanted, key=lambda each: each[0])

    async def test_a_listing_that_is_over_wants_none(self, store):
        state, _ = await open_listing(store)
        after, ends = closing(state, NOON + DAY)
        await commit(store, NOON + DAY, states={IPV4: after}, events=ends)
        assert await store.causes_wanted(NOON + HOUR) == []

    async def test_an_episode_bears_its_cause_and_does_not_lose_it(self, store):
        await store.commit_episodes(changes(BLOCK))
        await store.keep_cause(BLOCK.key, {"campaign": "autumn"})
        (found,) = await store.episodes()
        assert found == replace(BLOCK, cause={"campaign": "autumn"})
        await store.commit_episodes(EpisodeChanges([replace(BLOCK, last_seen_at=NOON + DAY)]))
        (found,) = await store.episodes()
        assert (found.cause, found.last_seen_at) == ({"campaign": "autumn"}, NOON + DAY)
        await store.commit_episodes(EpisodeChanges([replace(BLOCK, cause={"campaign": "winter"})]))
        assert await store.causes() == {BLOCK.key: {"campaign": "winter"}}


class TestLastFound:
    async def test_dns_values_replace_those_of_their_name(self, store):
        await store.keep_dns_values({})
        assert await store.dns_values() == {}
        await store.keep_dns_values({("ptr", "192.0.2.10"): {"names": ["a.example"]}, ("spf", "acme.example"): {}})
        await store.keep_dns_values({("ptr", "192.0.2.10"): {"names": None}})
        assert await store.dns_values() == {("ptr", "192.0.2.10"): {"names": None}, ("spf", "acme.example"): {}}

    async def test_one_proposal_waits_at_most(self, store, count_rows):
        assert await store.platform_proposal() is None
        for number in (1, 2):
            await store.keep_platform_proposal({"added": [number]})
            assert await store.platform_proposal() == {"added": [number]}
        assert count_rows()["platform_proposal"] == 1
        for _ in range(2):
            await store.keep_platform_proposal(None)
            assert await store.platform_proposal() is None
