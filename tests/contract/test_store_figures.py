"""What metrics and the page of a list rely on of a store, on every database."""

from dataclasses import replace

from contract.store_values import (
    DAY,
    HOUR,
    MINUTE,
    NOON,
    alert,
    block,
    commit,
    cycle,
    draft,
    open_listing,
    opening,
    step,
)
from deliverwatch.core.alerting import NotificationState
from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.figures import Figures
from deliverwatch.core.listing import Watch
from deliverwatch.core.remediation.draft import DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges


class TestFigures:
    async def test_of_nothing_there_is_nothing(self, store):
        assert await store.figures(NOON) == Figures({}, {}, {}, 0, {}, None)

    async def test_open_listings_and_episodes_are_counted_by_what_parts_them(self, store):
        await open_listing(store)
        await open_listing(store, NOON + HOUR, Watch("zen", parse_subject("192.0.2.77")))
        episodes = [block(1), block(2), block(3, kind=EpisodeKind.WARNING, provider="")]
        episodes.append(block(4, closed_at=NOON + HOUR))
        await store.commit_episodes(EpisodeChanges(episodes))
        found = await store.figures(NOON)
        assert list(found.listings.values()) == [2]
        ((list_id, impact),) = found.listings
        assert (list_id, type(impact)) == ("zen", Impact)
        assert found.episodes == {(EpisodeKind.BLOCK, block(1).provider): 2, (EpisodeKind.WARNING, ""): 1}

    async def test_a_draft_is_overdue_when_it_waits_beyond_its_time_for_somebody_who_takes_requests(self, store):
        await open_listing(store)
        drafts = [
            draft("", 1, due_at=NOON - MINUTE, episodes=(), state=DraftState.PREPARED),
            draft("", 2, due_at=NOON + MINUTE, episodes=(), state=DraftState.PULLED),
            draft("", 3, due_at=NOON - DAY, episodes=(), state=DraftState.SUBMITTED),
            draft("", 4, due_at=NOON - DAY, episodes=(), state=DraftState.PREPARED, channel=FormChannel.NONE),
            draft("", 5, due_at=None, episodes=(), state=DraftState.PREPARED),
        ]
        for each in drafts:
            assert await store.add_draft(each, step())
        found = await store.figures(NOON)
        assert found.drafts == {DraftState.PREPARED: 3, DraftState.PULLED: 1, DraftState.SUBMITTED: 1}
        assert found.overdue == 1
        assert (await store.figures(NOON + 2 * MINUTE)).overdue == 2

    async def test_what_has_not_gone_out_is_counted_and_since_when_it_could_have(self, store):
        _, (event,) = opening(NOON)
        due, later = alert(event), replace(alert(event, "b@esp.example"), not_before=NOON + DAY)
        given_up, sent = alert(event, "c@esp.example"), alert(event, "d@esp.example")
        await commit(store, events=[event], notifications=[due, later, given_up, sent])
        for _ in range(3):
            delivery = await store.claim_notification(NOON + MINUTE, HOUR)
            if delivery.notification.id == given_up.id:
                await store.notification_failed(delivery, "no", None)
            elif delivery.notification.id == sent.id:
                await store.notification_sent(delivery, NOON)
        found = await store.figures(NOON + HOUR)
        assert found.outbox == {
            NotificationState.SENDING: 1,
            NotificationState.PENDING: 1,
            NotificationState.DEAD: 1,
        }
        assert found.owed_since == due.created_at
        assert (await store.figures(due.created_at - MINUTE)).owed_since is None


class TestRoundsOfAList:
    async def test_they_are_those_of_that_list_since_then(self, store):
        await commit(store, NOON)
        await commit(store, NOON + HOUR, cycle=cycle(NOON + HOUR, verified=False, detail="gone"))
        await commit(store, NOON + HOUR, "other")
        assert await store.cycles_of("zen", NOON + MINUTE) == [cycle(NOON + HOUR, verified=False, detail="gone")]
        assert [each.started_at for each in await store.cycles_of("zen", NOON)] == [NOON, NOON + HOUR]
        assert await store.cycles_of("no-such", NOON) == []

    async def test_when_each_was_verified_last_is_known_by_the_order_of_writing(self, store):
        for hour in (5, 0, 1):  # the clock was ahead once
            await commit(store, NOON + hour * HOUR)
        await commit(store, NOON + 2 * HOUR, cycle=cycle(NOON + 2 * HOUR, verified=False))
        await commit(store, NOON + 3 * HOUR, "other", cycle=cycle(NOON + 3 * HOUR, "other", verified=False))
        assert await store.last_verified(["zen", "other", "no-such"]) == {"zen": NOON + HOUR}
        assert await store.last_verified([]) == {}
