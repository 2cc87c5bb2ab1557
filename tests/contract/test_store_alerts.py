"""What the flows may rely on of a store, on every database: who is not told now, who is told later, and why."""

from dataclasses import replace
from datetime import timedelta

from contract.store_values import (
    DAY,
    HOUR,
    IPV4,
    LEASE,
    MINUTE,
    NOON,
    WATCH,
    alert,
    block,
    closing,
    commit,
    fold,
    in_doubt,
    listed,
    open_listing,
    opening,
)
from deliverwatch.core.alerting import Audience, Notification, NotificationState
from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.incidents import gather
from deliverwatch.core.listing import Watch
from deliverwatch.core.routing import Family
from deliverwatch.core.silences import Silence
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.zone_health import Health, ZoneState
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.send_digests import send_digests
from samples import SAMPLE_LIST

PENDING, SENT, DROPPED, JOINED = (
    NotificationState.PENDING,
    NotificationState.SENT,
    NotificationState.DROPPED,
    NotificationState.JOINED,
)
SILENCED, INHIBITED, COLLECTED = (
    NotificationState.SILENCED,
    NotificationState.INHIBITED,
    NotificationState.COLLECTED,
)
SECOND = parse_subject("192.0.2.20")
OPERATOR, TAM = "operator@esp.example", "tam@esp.example"
PATH = "192.0.2.53:53"


def silence(**changes):
    values = {"subject": "192.0.2.0/24", **changes}
    return Silence("s-1", NOON - HOUR, NOON + DAY, "tam", "known", **values)


def to_operator(event):
    return replace(alert(event, OPERATOR), audience=Audience.OPERATOR)


async def close_listing(store, state, at, watch=WATCH):
    after, ends = closing(state, at, watch)
    await commit(
        store,
        at,
        watch.list_id,
        states={watch.subject: after},
        events=ends,
        notifications=[alert(event) for event in ends],
    )
    return ends[0]


async def change_listing(store, state, at, code="127.0.0.4"):
    state, (event,) = fold(state, [listed(at, codes=(code,))])
    await commit(store, at, states={IPV4: state}, events=[event], notifications=[alert(event)])
    return state, event


async def states(store):
    """Oldest first."""
    return [line.state for line in reversed(await store.outbox())]


async def send_all(store, at):
    """What arrives: the event of each message, and those it tells besides."""
    sent = []
    while (delivery := await store.claim_notification(at, LEASE)) is not None:
        await store.notification_sent(delivery, at)
        sent.append((delivery.event, delivery.joined))
    return sent


async def events(store, *happened):
    await store.commit_endings({}, happened, [to_operator(event) for event in happened])


class TestSilence:
    async def test_what_it_covers_waits_and_is_told_when_it_still_stands(self, store):
        await store.keep_silence(silence())
        _, event = await open_listing(store)
        assert await states(store) == [SILENCED]
        assert await store.settle_silences(NOON + HOUR) == 0
        assert await store.claim_notification(NOON + HOUR, LEASE) is None
        assert await store.settle_silences(NOON + DAY) == 1
        assert await send_all(store, NOON + DAY) == [(event, ())]
        assert await store.settle_silences(NOON + 2 * DAY) == 0

    async def test_what_came_and_went_meanwhile_is_told_to_nobody(self, store):
        await store.keep_silence(silence())
        state, _ = await open_listing(store)
        await close_listing(store, state, NOON + HOUR)
        assert await store.settle_silences(NOON + DAY) == 0
        assert await states(store) == [SILENCED, SILENCED]
        assert await send_all(store, NOON + 2 * DAY) == []

    async def test_an_end_is_told_to_whoever_was_told_of_the_beginning(self, store):
        state, event = await open_listing(store)
        assert await send_all(store, NOON + 2 * MINUTE) == [(event, ())]
        await store.keep_silence(silence())
        end = await close_listing(store, state, NOON + HOUR)
        assert await send_all(store, NOON + 5 * HOUR) == []
        await store.settle_silences(NOON + DAY)
        assert await send_all(store, NOON + DAY) == [(end, ())]

    async def test_of_changes_the_last_is_told(self, store):
        state, _ = await open_listing(store)
        await send_all(store, NOON + 2 * MINUTE)
        await store.keep_silence(silence())
        state, _ = await change_listing(store, state, NOON + HOUR)
        state, last = await change_listing(store, state, NOON + 2 * HOUR, "127.0.0.3")
        await store.settle_silences(NOON + DAY)
        assert await send_all(store, NOON + DAY) == [(last, ())]

    async def test_what_waits_when_it_begins_falls_under_it_but_not_what_was_tried(self, store):
        await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "421", NOON + 2 * HOUR)
        await open_listing(store, NOON + HOUR, Watch("zen", SECOND))
        await store.keep_silence(silence())
        assert await states(store) == [PENDING, SILENCED]

    async def test_an_end_by_hand_is_an_end(self, store):
        await store.keep_silence(silence())
        await open_listing(store)
        assert await store.end_silence("s-1", NOON + HOUR)
        assert not await store.end_silence("s-1", NOON + HOUR)
        assert not await store.end_silence("other", NOON + HOUR)
        await open_listing(store, NOON + 2 * HOUR, Watch("zen", SECOND))
        assert await states(store) == [SILENCED, PENDING]
        assert await store.settle_silences(NOON + 2 * HOUR) == 1
        (found,) = await store.silences()
        assert (found.ended_at, found.settled_at) == (NOON + HOUR, NOON + 2 * HOUR)
        assert await store.silences(since=NOON + 3 * HOUR) == []

    async def test_what_another_silence_covers_waits_for_that(self, store):
        await store.keep_silence(silence())
        await store.keep_silence(replace(silence(subject=None, place="zen"), id="s-2", until_at=NOON + 2 * DAY))
        _, event = await open_listing(store)
        assert await store.settle_silences(NOON + DAY) == 0
        assert await store.settle_silences(NOON + 2 * DAY) == 1
        assert await send_all(store, NOON + 2 * DAY) == [(event, ())]

    async def test_an_incident_is_silent_only_if_all_of_it_is(self, store):
        await store.keep_silence(silence(subject="192.0.2.10"))
        found = [opening(NOON, Watch("zen", subject)) for subject in (IPV4, SECOND)]
        happened = gather(SAMPLE_LIST, [_of_acme(event) for _, (event,) in found], watched=100)
        await commit(
            store,
            states=dict(zip((IPV4, SECOND), (state for state, _ in found), strict=True)),
            events=happened,
            notifications=[alert(happened[0])],
        )
        assert await states(store) == [PENDING]

    async def test_one_that_is_over_and_not_settled_keeps_what_is_older_than_its_end(self, store):
        await store.keep_silence(silence())
        await open_listing(store, NOON + DAY - 2 * MINUTE)
        assert await states(store) == [SILENCED]
        assert await store.settle_silences(NOON + DAY) == 1
        await open_listing(store, NOON + DAY - 2 * MINUTE, Watch("other", SECOND))
        assert await states(store) == [PENDING, PENDING]

    async def test_what_is_doubted_when_it_is_over_is_held(self, store):
        await store.keep_silence(silence())
        state, event = await open_listing(store)
        await commit(store, NOON + HOUR, states=in_doubt({IPV4: state}), held_back=[event.key])
        await store.settle_silences(NOON + DAY)
        assert await states(store) == [NotificationState.HELD]

    async def test_what_turns_out_void_is_dropped(self, store):
        await store.keep_silence(silence())
        state, _ = await open_listing(store)
        after, ends = closing(in_doubt({IPV4: state})[IPV4], NOON + 2 * HOUR)
        await commit(store, NOON + 2 * HOUR, states={IPV4: after}, events=ends)
        assert await states(store) == [DROPPED]

    async def test_messages_to_customers_pass(self, store):
        await store.keep_silence(silence(subject=None, family=Family.LISTING))
        state, (event,) = opening(NOON)
        note = replace(alert(event), audience=Audience.CUSTOMER)
        await commit(store, states={IPV4: state}, events=[event], notifications=[note])
        assert await states(store) == [PENDING]


def _of_acme(event):
    return replace(event, facts={**event.facts, "parties": ["acme"]})


class TestJoining:
    async def test_an_end_tells_a_beginning_that_nobody_has_read(self, store):
        state, began = await open_listing(store)
        state, changed = await change_listing(store, state, NOON + HOUR)
        end = await close_listing(store, state, NOON + 2 * HOUR)
        assert await states(store) == [JOINED, JOINED, PENDING]
        assert await send_all(store, NOON + DAY) == [(end, (began, changed))]

    async def test_what_was_tried_may_have_been_read_and_goes_out_first(self, store):
        state, began = await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "reset after the final dot", NOON + 2 * HOUR)
        end = await close_listing(store, state, NOON + HOUR)
        assert await send_all(store, NOON + DAY) == [(began, ()), (end, ())]

    async def test_one_that_tells_of_what_goes_on_as_well_is_not_joined(self, store):
        found = [opening(NOON, Watch("zen", subject)) for subject in (IPV4, SECOND)]
        happened = gather(SAMPLE_LIST, [_of_acme(event) for _, (event,) in found], watched=100)
        after = dict(zip((IPV4, SECOND), (state for state, _ in found), strict=True))
        await commit(store, states=after, events=happened, notifications=[alert(happened[0])])
        end = await close_listing(store, after[IPV4], NOON + HOUR)
        assert await send_all(store, NOON + DAY) == [(happened[0], ()), (end, ())]

    async def test_blocks_are_joined_too(self, store):
        opened, closed = block(), block(closed_at=NOON + DAY, ended=EpisodeEnd.ACCEPTED)
        began = Event(opened.key, EventKind.BLOCK_OPENED, NOON, "", IPV4, {"provider": "microsoft"})
        over = Event(
            f"block_closed/{opened.key}", EventKind.BLOCK_CLOSED, NOON + DAY, "", IPV4, {"provider": "microsoft"}
        )
        await store.commit_episodes(EpisodeChanges([opened], [began], [alert(began)]))
        await store.commit_episodes(EpisodeChanges([closed], [over], [alert(over)]))
        assert await send_all(store, NOON + DAY) == [(over, (began,))]

    async def test_a_list_that_is_ill_again_is_another_time(self, store):
        first = _ill(NOON)
        await events(store, first)
        await events(store, _well(NOON + HOUR))
        again, well = _ill(NOON + 2 * HOUR), _well(NOON + 3 * HOUR)
        await events(store, again)
        await events(store, well)
        sent = await send_all(store, NOON + DAY)
        assert [joined for _, joined in sent] == [(first,), (again,)]


def _ill(at, list_id="zen", path=PATH):
    kind = EventKind.LIST_QUARANTINED
    facts = {"path": path, "since": at.isoformat(), "outcome": "unreachable", "detail": "no answer"}
    return Event(f"{kind}/{list_id}/{path}/{at.isoformat()}", kind, at, list_id, facts=facts)


def _well(at, list_id="zen", path=PATH):
    kind = EventKind.LIST_RECOVERED
    facts = {"path": path, "since": at.isoformat(), "outcome": "clear", "detail": None, "was": "quarantined"}
    return Event(f"{kind}/{list_id}/{path}/{at.isoformat()}", kind, at, list_id, facts=facts)


def _trouble(at, path=PATH):
    kind = EventKind.RESOLVER_TROUBLE
    return Event(f"{kind}/{path}/dead/{at.date()}", kind, at, "", facts={"path": path, "trouble": "dead", "lists": []})


class TestInhibition:
    async def test_a_resolver_in_trouble_speaks_for_the_lists_it_makes_look_ill(self, store):
        trouble = _trouble(NOON)
        await events(store, trouble)
        await events(store, _ill(NOON + HOUR), _ill(NOON + 2 * HOUR, "other", "192.0.2.54:53"))
        assert await states(store) == [PENDING, INHIBITED, PENDING]
        (line,) = await store.outbox(states=[INHIBITED])
        assert line.notification.about == trouble.key

    async def test_one_who_is_not_told_of_the_cause_is_told_of_the_rest(self, store):
        await store.commit_endings({}, [_trouble(NOON)], [])
        await events(store, _ill(NOON + HOUR))
        assert await states(store) == [PENDING]

    async def test_what_still_stands_when_the_cause_is_over_is_told(self, store):
        await events(store, _trouble(NOON))
        ill = _ill(NOON + HOUR)
        await events(store, ill)
        await events(store, _ill(NOON + HOUR, "other"))
        await events(store, _well(NOON + 2 * HOUR, "other"))
        assert await states(store) == [PENDING, INHIBITED, INHIBITED, INHIBITED]
        assert await store.settle_silences(NOON + DAY) == 0
        await send_all(store, NOON + DAY)
        assert await store.settle_silences(NOON + 26 * HOUR) == 1
        assert await send_all(store, NOON + 26 * HOUR) == [(ill, ())]
        assert await store.settle_silences(NOON + 27 * HOUR) == 0

    async def test_a_resolver_that_is_well_again_speaks_for_nothing(self, store):
        trouble = _trouble(NOON)
        well = replace(trouble, key="well", kind=EventKind.RESOLVER_WELL, at=NOON + 2 * HOUR)
        await events(store, trouble)
        await events(store, _ill(NOON + HOUR))
        assert await states(store) == [PENDING, INHIBITED]
        await send_all(store, NOON + HOUR)
        await events(store, well)
        assert await states(store) == [SENT, PENDING, PENDING]
        await events(store, _ill(NOON + 3 * HOUR, "other"))
        assert await states(store) == [SENT, PENDING, PENDING, PENDING]

    async def test_a_list_that_is_ill_speaks_for_its_watches(self, store):
        ill, zones = _ill(NOON), {PATH: ZoneState(Health.QUARANTINED, NOON, 2)}
        await commit(store, zones=zones, events=[ill], notifications=[to_operator(ill)])
        stale = Event("stale", EventKind.WATCHES_STALE, NOON + HOUR, "zen", facts={"since": NOON.isoformat()})
        await events(store, stale)
        assert await states(store) == [PENDING, INHIBITED]

    async def test_a_listing_on_the_whole_speaks_for_its_parts_until_it_ends(self, store):
        state, _ = await open_listing(store)
        await send_all(store, NOON + 2 * MINUTE)
        part = Watch("sbl", IPV4)
        on_part, (event,) = opening(NOON + HOUR, part)
        event = replace(event, facts={**event.facts, "part_of": "zen"})
        await commit(store, NOON + HOUR, "sbl", states={IPV4: on_part}, events=[event], notifications=[alert(event)])
        assert await states(store) == [SENT, INHIBITED]
        end = await close_listing(store, state, NOON + 2 * HOUR)
        assert await send_all(store, NOON + DAY) == [(event, ()), (end, ())]

    async def test_nobody_hears_the_end_of_what_was_inhibited(self, store):
        await open_listing(store)
        part = Watch("sbl", IPV4)
        on_part, (event,) = opening(NOON + HOUR, part)
        event = replace(event, facts={**event.facts, "part_of": "zen"})
        await commit(store, NOON + HOUR, "sbl", states={IPV4: on_part}, events=[event], notifications=[alert(event)])
        await close_listing(store, on_part, NOON + 2 * HOUR, part)
        assert await states(store) == [PENDING, INHIBITED, INHIBITED]
        await store.settle_silences(NOON + DAY)
        assert await states(store) == [PENDING, INHIBITED, INHIBITED]


class Clock:
    def __init__(self, at):
        self.at = at

    def now(self):
        return self.at


def in_digest(event, at=NOON + DAY):
    return replace(alert(event, "chat"), channel="chat", audience=Audience.OPERATOR, digest_at=at)


async def open_in_digest(store, at=NOON, watch=WATCH):
    state, (event,) = opening(at, watch)
    await commit(
        store, at, watch.list_id, states={watch.subject: state}, events=[event], notifications=[in_digest(event)]
    )
    return state, event


def content(due, digest, inventory):
    return "\n".join(part.event.key for part in due.parts).encode()


class TestDigest:
    async def test_what_was_collected_is_one_message_from_then_on(self, store):
        _, first = await open_in_digest(store)
        _, second = await open_in_digest(store, NOON + HOUR, Watch("zen", SECOND))
        assert await states(store) == [COLLECTED, COLLECTED]
        assert await send_digests(store, content, Clock(NOON + DAY - MINUTE)) == 0
        assert await send_digests(store, content, Clock(NOON + DAY)) == 1
        assert await states(store) == [JOINED, JOINED, PENDING]
        delivery = await store.claim_notification(NOON + DAY, LEASE)
        assert (delivery.event, delivery.content) == (None, f"{first.key}\n{second.key}".encode())
        assert await send_digests(store, content, Clock(NOON + 2 * DAY)) == 0

    async def test_one_whose_parts_changed_meanwhile_is_not_written(self, store):
        await open_in_digest(store)
        (due,) = await store.digests_due(NOON + DAY)
        ids = [part.notification.id for part in due.parts]
        await store.keep_silence(silence(subject="192.0.2.10"))
        note = Notification("d", "d", Audience.OPERATOR, "chat", "chat", (), NOON + DAY)
        assert not await store.commit_digest(note, b"", ids, NOON + DAY)
        assert await states(store) == [SILENCED]

    async def test_an_end_of_the_same_day_is_one_part(self, store):
        state, began = await open_in_digest(store)
        after, (end,) = closing(state, NOON + HOUR)
        await commit(store, NOON + HOUR, states={IPV4: after}, events=[end], notifications=[in_digest(end)])
        (due,) = await store.digests_due(NOON + DAY)
        assert [(part.event, part.joined) for part in due.parts] == [(end, (began,))]

    async def test_what_it_told_is_taken_back_under_its_message(self, store):
        state, _ = await open_in_digest(store)
        await send_digests(store, content, Clock(NOON + DAY))
        digest = await store.claim_notification(NOON + DAY, LEASE)
        await store.notification_sent(digest, NOON + DAY)
        after, ends = closing(in_doubt({IPV4: state})[IPV4], NOON + 2 * DAY)
        await commit(store, NOON + 2 * DAY, states={IPV4: after}, events=ends)
        corrected = (await store.claim_notification(NOON + 3 * DAY, LEASE)).notification.corrects
        assert (corrected.message_id, corrected.at) == (digest.notification.message_id, NOON + DAY)

    async def test_what_it_told_is_not_taken_back_before_it_is_sent(self, store):
        state, _ = await open_in_digest(store)
        await send_digests(store, content, Clock(NOON + DAY))
        after, ends = closing(in_doubt({IPV4: state})[IPV4], NOON + 2 * HOUR)
        await commit(store, NOON + 2 * HOUR, states={IPV4: after}, events=ends)
        arrived = await send_all(store, NOON + 3 * DAY)
        assert [event for event, _ in arrived] == [None, ends[0]]

    async def test_what_is_doubted_comes_back_to_its_digest(self, store):
        state, event = await open_in_digest(store)
        doubted = in_doubt({IPV4: state})
        await commit(store, NOON + HOUR, states=doubted, held_back=[event.key])
        assert await store.digests_due(NOON + DAY) == []
        real = replace(doubted[IPV4], doubted=False)
        await commit(store, NOON + 2 * HOUR, states={IPV4: real}, released=[event.key])
        assert await states(store) == [COLLECTED]
        assert len(await store.digests_due(NOON + DAY)) == 1


class TestTrail:
    async def test_an_event_by_its_number_its_key_or_a_notification(self, store):
        await store.keep_silence(silence())
        _, event = await open_listing(store)
        (line,) = await store.alerts()
        number, note = line.numbered.id, line.lines[0].notification
        assert (line.numbered.event, note.about) == (event, "s-1")
        for name in (str(number), event.key, note.id):
            found = await store.alert_trail(name)
            assert (found.alert, found.leads, found.inhibitors) == (line, None, ())
            assert [each.reason for each in found.silences] == ["known"]
        assert await store.alert_trail("none") is await store.alert_trail("9" * 30) is None

    async def test_a_member_names_what_speaks_for_it(self, store):
        happened = gather(
            SAMPLE_LIST,
            [_of_acme(opening(NOON, Watch("zen", subject))[1][0]) for subject in (IPV4, SECOND)],
            watched=100,
        )
        await store.commit_endings({}, happened, [alert(happened[0])])
        found = await store.alert_trail(happened[1].key)
        assert (found.alert.lines, found.leads.numbered.event) == ((), happened[0])
        assert len(found.leads.lines) == 1

    async def test_an_inhibitor_is_named(self, store):
        trouble, ill = _trouble(NOON), _ill(NOON + HOUR)
        await events(store, trouble, ill)
        assert [each.event for each in (await store.alert_trail(ill.key)).inhibitors] == [trouble]

    async def test_alerts_newest_first_of_a_customer_and_since(self, store):
        happened = [_ill(NOON), _ill(NOON + HOUR, "other"), _of_acme(opening(NOON + 2 * HOUR)[1][0])]
        await store.commit_endings({}, happened, [])
        assert [line.numbered.event for line in await store.alerts(limit=2)] == happened[:0:-1]
        assert [line.numbered.event for line in await store.alerts(customer="acme")] == happened[2:]
        assert await store.alerts(customer="bravo") == []
        assert len(await store.alerts(since=NOON + MINUTE)) == 2

    async def test_a_dead_letter_is_sent_again_under_its_id(self, store):
        await open_listing(store)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        assert not await store.resend(delivery.notification.id, NOON + HOUR)
        await store.notification_failed(delivery, "550", None)
        assert await store.resend(delivery.notification.id, NOON + DAY)
        again = await store.claim_notification(NOON + DAY, LEASE)
        assert again.notification == delivery.notification

    async def test_when_a_beginning_was_told_first(self, store):
        happened = gather(
            SAMPLE_LIST,
            [_of_acme(opening(NOON, Watch("zen", subject))[1][0]) for subject in (IPV4, SECOND)],
            watched=100,
        )
        await store.commit_endings({}, happened, [alert(happened[0]), to_operator(happened[0])])
        keys = [event.key for event in happened]
        assert await store.told_openings(keys) == {}
        for minutes in (10, 20):
            delivery = await store.claim_notification(NOON + HOUR, LEASE)
            await store.notification_sent(delivery, NOON + timedelta(minutes=minutes))
        assert await store.told_openings(keys) == dict.fromkeys(keys, NOON + timedelta(minutes=10))

    async def test_a_beginning_that_a_digest_told(self, store):
        _, event = await open_in_digest(store)
        await send_digests(store, content, Clock(NOON + DAY))
        assert await store.told_openings([event.key]) == {}
        delivery = await store.claim_notification(NOON + DAY, LEASE)
        await store.notification_sent(delivery, NOON + DAY)
        assert await store.told_openings([event.key]) == {event.key: NOON + DAY}
