"""What the flows may rely on of a store, on every database: what is doubted waits, what was void is taken back."""

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
    WATCH,
    alert,
    block,
    closing,
    commit,
    draft,
    fold,
    in_doubt,
    listed,
    open_listing,
    opening,
    step,
)
from deliverwatch.core import listing
from deliverwatch.core.alerting import Audience, Notification, NotificationState, Told, correction
from deliverwatch.core.errors import DraftChanged
from deliverwatch.core.events import Ending, Event, EventKind
from deliverwatch.core.incidents import gather
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import ListingState, Watch
from deliverwatch.core.remediation.draft import Action, DraftState
from deliverwatch.core.subjects import parse_subject
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.flows.ports import ReportRun
from samples import SAMPLE_LIST

PENDING, HELD, SENDING, SENT, DROPPED, JOINED = (
    NotificationState.PENDING,
    NotificationState.HELD,
    NotificationState.SENDING,
    NotificationState.SENT,
    NotificationState.DROPPED,
    NotificationState.JOINED,
)
SECOND, THIRD = map(parse_subject, ("192.0.2.20", "192.0.2.30"))  # of the same /24 as IPV4
OPERATOR, TAM, OTHER = "operator@esp.example", "tam@esp.example", "other@esp.example"


def of_parties(event, *parties):
    return replace(event, facts={**event.facts, "parties": list(parties)})


def to(event, recipient=TAM, customers=("acme",), **changes):
    audience = Audience.OPERATOR if recipient == OPERATOR else Audience.TAM
    note = alert(event, recipient)
    return replace(note, audience=audience, customers=tuple(customers), **changes)


async def told_open(store, *recipients, parties=("acme",)):
    """One listing, alerts of it in the outbox; its doubted state and opening event."""
    state, (event,) = opening(NOON)
    event = of_parties(event, *parties)
    notes = [to(event, recipient, parties) for recipient in recipients]
    await commit(store, states={IPV4: state}, events=[event], notifications=notes)
    return in_doubt({IPV4: state})[IPV4], event


async def incident(store, parties, notify):
    """Listings that opened together, told by one event: (doubted states, events, the lead first)."""
    states, events = {}, []
    for subject, customer in parties.items():
        states[subject], happened = opening(NOON, Watch("zen", subject))
        events += [of_parties(event, customer) for event in happened]
    events = gather(SAMPLE_LIST, events, watched=100)
    await commit(store, states=states, events=events, notifications=notify(events[0]))
    return in_doubt(states), events


async def void(store, states, at=NOON + DAY):
    """A round that finds doubted listings clear for good; the event that leads their ends."""
    after, ends = {}, []
    for subject, state in states.items():
        after[subject], happened = closing(state, at, Watch("zen", subject))
        ends += happened
    assert {event.facts["ended"] for event in ends} == {Ending.VOID}
    ends = gather(SAMPLE_LIST, ends, watched=100)
    await commit(store, at, states=after, events=ends)
    return ends[0]


async def send(store, at=NOON + HOUR):
    delivery = await store.claim_notification(at, LEASE)
    await store.notification_sent(delivery, at + MINUTE)
    return delivery.notification


async def outbox(store):
    """(state, what it corrects) by recipient, oldest first."""
    found = {}
    for line in reversed(await store.outbox()):
        corrects = line.notification.corrects
        found.setdefault(line.notification.recipient, []).append(
            (line.state, corrects.message_id if corrects else None)
        )
    return found


async def corrections(store):
    return {
        line.notification.recipient: line.notification
        for line in await store.outbox()
        if line.notification.corrects is not None
    }


class TestHolding:
    async def test_what_is_held_back_is_not_sent_until_it_is_released(self, store):
        doubted, event = await told_open(store, TAM)
        await commit(store, NOON + HOUR, states={IPV4: doubted}, held_back=[event.key])
        (line,) = await store.outbox()
        assert (line.state, line.next_attempt_at) == (HELD, None)
        assert (await store.load_round("zen", NOON)).states[IPV4].doubted
        assert await store.claim_notification(NOON + DAY, LEASE) is None
        real = replace(doubted, doubted=False)
        result = await commit(store, NOON + 2 * HOUR, states={IPV4: real}, released=[event.key])
        (line,) = await store.outbox()
        assert (line.state, line.next_attempt_at) == (PENDING, result.cycle.finished_at)
        assert (await store.claim_notification(NOON + DAY, LEASE)).event == event

    async def test_others_are_not_concerned(self, store):
        doubted, event = await told_open(store, TAM)
        _, other = await open_listing(store, NOON + HOUR, Watch("zen", SECOND))
        await open_listing(store, NOON + HOUR, Watch("other", IPV4))
        await commit(store, NOON + 2 * HOUR, states={IPV4: doubted}, held_back=[event.key])
        states = [line.state for line in reversed(await store.outbox())]
        assert states == [HELD, PENDING, PENDING]
        await commit(store, NOON + 3 * HOUR, released=[other.key])
        assert [line.state for line in reversed(await store.outbox())] == [HELD, PENDING, PENDING]

    async def test_a_change_waits_too_and_what_is_being_sent_goes_out(self, store):
        state, event = await open_listing(store)
        state, (changed,) = fold(state, [listed(NOON + HOUR, codes=("127.0.0.4",))])
        await commit(store, NOON + HOUR, states={IPV4: state}, events=[changed], notifications=[alert(changed)])
        delivery = await store.claim_notification(NOON + 2 * HOUR, LEASE)
        assert delivery.event == event
        await commit(store, NOON + 2 * HOUR, states=in_doubt({IPV4: state}), held_back=[event.key])
        assert (await outbox(store))[TAM] == [(SENDING, None), (HELD, None)]
        await store.notification_sent(delivery, NOON + 2 * HOUR)
        assert await store.claim_notification(NOON + 30 * DAY, LEASE) is None

    async def test_an_incident_waits_while_any_of_it_is_doubted(self, store):
        doubted, events = await incident(store, {IPV4: "acme", SECOND: "acme"}, lambda lead: [to(lead)])
        assert [each.incident for each in await store.listings()] == [events[0].key] * 2
        await commit(store, NOON + HOUR, states=doubted, held_back=[event.key for event in events])
        assert await outbox(store) == {TAM: [(HELD, None)]}
        for number, (subject, state) in enumerate(doubted.items()):
            real = {subject: replace(state, doubted=False)}
            await commit(store, NOON + (2 + number) * HOUR, states=real, released=[events[number].key])
            assert await outbox(store) == {TAM: [((HELD, PENDING)[number], None)]}

    async def test_what_may_not_be_sent_yet_is_not_sent_sooner_for_having_waited(self, store):
        state, (event,) = opening(NOON)
        note = to(event, not_before=NOON + 5 * HOUR)
        await commit(store, states={IPV4: state}, events=[event], notifications=[note])
        assert await store.claim_notification(NOON + 4 * HOUR, LEASE) is None
        await commit(store, NOON + HOUR, states=in_doubt({IPV4: state}), held_back=[event.key])
        await commit(store, NOON + 2 * HOUR, states={IPV4: state}, released=[event.key])
        assert await store.claim_notification(NOON + 4 * HOUR, LEASE) is None
        assert (await store.claim_notification(NOON + 5 * HOUR, LEASE)).notification == note

    async def test_an_end_is_not_told_while_the_beginning_is_held_back(self, store):
        doubted, event = await told_open(store, TAM)
        await commit(store, NOON + HOUR, states={IPV4: doubted}, held_back=[event.key])
        facts = {"opened_at": event.facts["opened_at"]}
        stale = Event("handed", EventKind.LISTING_HANDED_OVER, NOON + 2 * HOUR, "zen", IPV4, facts)
        await store.commit_endings({}, [stale], [alert(stale), alert(stale, OTHER)])
        assert (await store.claim_notification(NOON + DAY, LEASE)).notification.recipient == OTHER
        assert await store.claim_notification(NOON + DAY, LEASE) is None


class TestVoid:
    async def test_what_has_not_gone_out_is_dropped_and_nobody_hears_of_it(self, store):
        doubted, event = await told_open(store, TAM, OPERATOR)
        await commit(store, NOON + HOUR, states={IPV4: doubted}, held_back=[event.key])
        await void(store, {IPV4: doubted})
        assert await outbox(store) == {TAM: [(DROPPED, None)], OPERATOR: [(DROPPED, None)]}
        assert await store.claim_notification(NOON + 30 * DAY, LEASE) is None
        assert await store.release_leases() == 0
        (found,) = await store.listings()
        assert found.ended is Ending.VOID

    async def test_whoever_was_told_gets_one_correction_of_the_first_message(self, store):
        state, (event,) = opening(NOON)
        event = of_parties(event, "acme")
        await commit(store, states={IPV4: state}, events=[event], notifications=[to(event), to(event, OPERATOR)])
        sent = {note.recipient: note for note in [await send(store), await send(store)]}
        state, (changed,) = fold(state, [listed(NOON + 2 * HOUR, codes=("127.0.0.4",))])
        await commit(store, NOON + 2 * HOUR, states={IPV4: state}, events=[changed], notifications=[to(changed)])
        await send(store, NOON + 3 * HOUR)
        end = await void(store, in_doubt({IPV4: state}))
        expected = {recipient: correction(end, note, NOON + HOUR + MINUTE) for recipient, note in sent.items()}
        assert await corrections(store) == expected
        assert expected[TAM].corrects == Told(sent[TAM].message_id, NOON + HOUR + MINUTE)
        assert len(await store.outbox()) == 5
        first = await store.claim_notification(NOON + 2 * DAY, LEASE)
        assert first.notification == expected[first.notification.recipient]
        assert first.event == end

    async def test_written_twice_it_is_told_once(self, store):
        doubted, _ = await told_open(store, TAM)
        await send(store)
        after, ends = closing(doubted, NOON + DAY)
        result = await commit(store, NOON + DAY, states={IPV4: after}, events=ends)
        before = await store.outbox()
        assert [line.state for line in before] == [PENDING, SENT]
        await store.commit_round(result)
        await store.commit_endings({}, ends, [])
        assert await store.outbox() == before

    async def test_what_was_tried_may_have_been_read_and_is_not_tried_again(self, store):
        doubted, event = await told_open(store, TAM)
        delivery = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(delivery, "451 later", NOON + 30 * DAY)
        await void(store, {IPV4: doubted})
        assert await outbox(store) == {TAM: [(DROPPED, None), (PENDING, delivery.notification.message_id)]}
        (found,) = (await corrections(store)).values()
        assert found.corrects.at == event.at
        assert (await store.claim_notification(NOON + 2 * DAY, LEASE)).notification == found

    async def test_what_is_being_sent_is_followed_by_its_correction(self, store):
        doubted, _ = await told_open(store, TAM)
        delivery = await store.claim_notification(NOON + HOUR, 30 * DAY)
        await void(store, {IPV4: doubted})
        assert await outbox(store) == {TAM: [(SENDING, None), (PENDING, delivery.notification.message_id)]}
        assert await store.claim_notification(NOON + 3 * DAY, LEASE) is None
        await store.notification_sent(delivery, NOON + DAY)
        assert (await store.claim_notification(NOON + 3 * DAY, LEASE)).notification.corrects is not None

    async def test_an_incident_is_taken_back_by_one_message_for_each_reader(self, store):
        doubted, events = await incident(
            store,
            {IPV4: "acme", SECOND: "acme", THIRD: "bravo"},
            lambda lead: [to(lead, OPERATOR, ("acme", "bravo")), to(lead), to(lead, OTHER, ("bravo",))],
        )
        notes = [await send(store) for _ in range(3)]
        end = await void(store, doubted)
        assert end.facts["member_count"] == 3
        assert {note.recipient: note.customers for note in (await corrections(store)).values()} == {
            OPERATOR: ("acme", "bravo"),
            TAM: ("acme",),
            OTHER: ("bravo",),
        }
        assert {note.corrects.message_id for note in (await corrections(store)).values()} == {
            note.message_id for note in notes
        }
        assert {note.event_key for note in (await corrections(store)).values()} == {end.key}
        assert events[0].key != end.key

    async def test_only_those_are_corrected_whose_listing_it_was(self, store):
        doubted, _ = await incident(
            store,
            {IPV4: "acme", THIRD: "bravo"},
            lambda lead: [to(lead, OPERATOR, ("acme", "bravo")), to(lead), to(lead, OTHER, ("bravo",))],
        )
        for _ in range(3):
            await send(store)
        await void(store, {THIRD: doubted[THIRD]})
        assert {note.recipient: note.customers for note in (await corrections(store)).values()} == {
            OPERATOR: ("bravo",),
            OTHER: ("bravo",),
        }

    async def test_a_message_that_tells_of_a_real_listing_too_goes_out_and_then_its_correction(self, store):
        doubted, events = await incident(store, {IPV4: "acme", SECOND: "acme"}, lambda lead: [to(lead)])
        await commit(store, NOON + HOUR, states=doubted, held_back=[event.key for event in events])
        real = {IPV4: replace(doubted[IPV4], doubted=False)}
        await commit(store, NOON + 2 * HOUR, states=real, released=[events[0].key])
        assert await outbox(store) == {TAM: [(HELD, None)]}
        await void(store, {SECOND: doubted[SECOND]})
        assert [state for state, _ in (await outbox(store))[TAM]] == [PENDING, PENDING]
        first = await store.claim_notification(NOON + 3 * DAY, LEASE)
        assert first.notification.corrects is None
        assert await store.claim_notification(NOON + 3 * DAY, LEASE) is None
        await store.notification_sent(first, NOON + 3 * DAY)
        after = await store.claim_notification(NOON + 3 * DAY, LEASE)
        assert after.notification.corrects.message_id == first.notification.message_id

    async def test_what_also_tells_of_a_listing_from_before_is_not_dropped(self, store):
        earlier, (lead,) = opening(NOON)
        later, (other,) = opening(NOON + HOUR, Watch("zen", SECOND))
        lead, other = gather(SAMPLE_LIST, [of_parties(lead, "acme"), of_parties(other, "acme")], watched=100)
        await commit(store, states={IPV4: earlier, SECOND: later}, events=[lead, other], notifications=[to(lead)])
        await void(store, {SECOND: replace(later, doubted=True)})
        assert [state for state, _ in (await outbox(store))[TAM]] == [PENDING, PENDING]

    async def test_a_correction_of_what_is_dropped_in_the_end_is_dropped_with_it(self, store):
        doubted, events = await incident(store, {IPV4: "acme", SECOND: "acme"}, lambda lead: [to(lead)])
        await commit(store, NOON + HOUR, states=doubted, held_back=[event.key for event in events])
        await void(store, {SECOND: doubted[SECOND]})
        assert [state for state, _ in (await outbox(store))[TAM]] == [HELD, PENDING]
        assert await store.claim_notification(NOON + 3 * DAY, LEASE) is None
        await void(store, {IPV4: doubted[IPV4]}, NOON + 2 * DAY)
        assert [state for state, _ in (await outbox(store))[TAM]] == [DROPPED, DROPPED]

    @pytest.mark.parametrize("ending", [Ending.LIST_ENDED, Ending.WITHDRAWN])
    async def test_what_ends_in_doubt_without_a_round_is_taken_back_too(self, store, ending):
        doubted, _ = await told_open(store, TAM, OPERATOR)
        sent = await send(store)
        after, ends = listing.end(doubted, WATCH, NOON + DAY, ending)
        await store.commit_endings({WATCH: after}, ends, [])
        (found,) = (await corrections(store)).values()
        assert found == correction(ends[0], sent, NOON + HOUR + MINUTE)
        assert sorted(line.state for line in await store.outbox()) == [DROPPED, PENDING, SENT]

    async def test_who_was_told_before_parties_were_recorded_is_corrected_too(self, store):
        state, event = await open_listing(store)
        assert "parties" not in event.facts
        await send(store)
        await void(store, in_doubt({IPV4: state}))
        assert [note.customers for note in (await corrections(store)).values()] == [("acme",)]

    async def test_who_took_the_asset_over_was_told_too(self, store):
        doubted, event = await told_open(store, TAM)
        facts = {"opened_at": event.facts["opened_at"], "before": ["acme"], "after": ["bravo"]}
        turn = Event("handed", EventKind.LISTING_HANDED_OVER, NOON + HOUR, "zen", IPV4, facts)
        await store.commit_endings({}, [turn], [to(turn, OTHER, ["bravo"])])
        await send(store, NOON + 2 * HOUR)
        await send(store, NOON + 2 * HOUR)
        await void(store, {IPV4: doubted})
        assert set(await corrections(store)) == {TAM, OTHER}

    async def test_earlier_and_later_listings_of_the_watch_are_left_alone(self, store):
        state, _ = await open_listing(store, NOON - 10 * DAY)
        closed, ends = closing(state, NOON - 9 * DAY)
        await commit(store, NOON - 9 * DAY, states={IPV4: closed}, events=ends, notifications=[alert(ends[0])])
        doubted, _ = await told_open(store, TAM)
        await void(store, {IPV4: doubted})
        assert [state for state, _ in (await outbox(store))[TAM]] == [JOINED, PENDING, DROPPED]
        await open_listing(store, NOON + 2 * DAY)
        assert len(await corrections(store)) == 0

    async def test_it_counts_as_no_opening(self, store):
        doubted, _ = await told_open(store)
        assert (await store.load_round("zen", NOON)).openings == {IPV4: 1}
        await void(store, {IPV4: doubted})
        assert (await store.load_round("zen", NOON)).openings == {}


class TestVoidReports:
    @pytest.fixture(autouse=True)
    async def customers(self, store):
        await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO)), NOON)

    async def report(self, store, customer, recipient, *listing_keys, week="2026-W48", at=NOON + HOUR):
        run = ReportRun(f"{customer}-{week}", customer, week, at, "Your week", "", "", (recipient,), listing_keys)
        note = Notification(
            f"{run.id}/{recipient}", run.id, Audience.CUSTOMER, "email", recipient, (customer,), at, report_id=run.id
        )
        assert await store.commit_report(None, run, [note], {note.id: b"a report"})
        assert (await store.reports(customer=customer))[0] == run
        return note

    async def test_readers_of_a_report_that_showed_it_are_corrected(self, store):
        doubted, event = await told_open(store)
        note = await self.report(store, "acme", "postmaster@acme.example", "another", event.key)
        await self.report(store, "bravo", "postmaster@bravo.example", "another")
        await send(store, NOON + 2 * HOUR)
        await send(store, NOON + 2 * HOUR)
        end = await void(store, {IPV4: doubted})
        assert await corrections(store) == {"postmaster@acme.example": correction(end, note, NOON + 2 * HOUR + MINUTE)}

    async def test_one_that_has_not_gone_out_is_sent_all_the_same(self, store):
        doubted, event = await told_open(store)
        await self.report(store, "acme", "postmaster@acme.example", event.key)
        await void(store, {IPV4: doubted})
        assert [state for state, _ in (await outbox(store))["postmaster@acme.example"]] == [PENDING, PENDING]

    async def test_of_two_messages_to_one_reader_the_first_is_named(self, store):
        doubted, event = await told_open(store, TAM)
        first = await send(store)
        for number, week in enumerate(("2026-W48", "2026-W49")):
            await self.report(store, "acme", TAM, event.key, week=week, at=NOON + (2 + number) * HOUR)
        await void(store, {IPV4: doubted})
        assert [note.corrects.message_id for note in (await corrections(store)).values()] == [first.message_id]


NEVER_WAS = "void: the list lied, there never was a listing"
TELL = "the request was about a listing that never was: tell the addressee, if it is still open there"


class TestVoidDrafts:
    @pytest.mark.parametrize("state", [DraftState.PREPARED, DraftState.PULLED])
    async def test_what_waits_for_a_person_is_closed(self, store, state):
        doubted, event = await told_open(store)
        before = draft(event.key, state=state, version=3)
        await store.add_draft(before, step(state))
        await store.add_draft(draft("another", 2), step())
        end = await void(store, {IPV4: doubted})
        assert await store.draft("d-1") == closed(before, end, NEVER_WAS)
        last = step(DraftState.CLOSED, "deliverwatch", end.at, NEVER_WAS, Action.CLOSED)
        assert (await store.draft_steps("d-1"))[-1] == last
        assert await store.draft("d-2") == draft("another", 2)

    @pytest.mark.parametrize("state", [DraftState.SUBMITTED, DraftState.ANSWERED])
    async def test_what_was_sent_is_closed_and_its_addressee_to_be_told(self, store, state):
        doubted, event = await told_open(store)
        before = draft(event.key, state=state, reference="#7", follow_up_at=NOON + 2 * DAY)
        await store.add_draft(before, step())
        end = await void(store, {IPV4: doubted})
        assert await store.draft("d-1") == closed(before, end, f"{NEVER_WAS}; {TELL}")

    async def test_what_is_closed_stays_as_it_was_closed(self, store):
        doubted, event = await told_open(store)
        before = draft(event.key, state=DraftState.CLOSED, note="they said no")
        await store.add_draft(before, step())
        await void(store, {IPV4: doubted})
        assert await store.draft("d-1") == before
        assert await store.draft_steps("d-1") == [step()]

    async def test_a_follow_up_of_it_is_closed_as_well(self, store):
        doubted, event = await told_open(store)
        first = draft(event.key, state=DraftState.CLOSED)
        await store.add_draft(first, step())
        second = draft(event.key, 2, follow_up_of="d-1")
        assert await store.add_draft(second, step())
        end = await void(store, {IPV4: doubted})
        assert await store.draft("d-2") == closed(second, end, NEVER_WAS)

    async def test_what_is_about_something_else_too_is_left_to_be_renewed(self, store):
        doubted, event = await told_open(store)
        await store.commit_episodes(EpisodeChanges([block()]))
        _, other = await open_listing(store, NOON + HOUR, Watch("zen", SECOND))
        for number, going_on in enumerate((other.key, block().key), 1):
            about = draft("", number, episodes=(f"over-{number}", going_on))
            await store.add_draft(about, step())
            about = replace(about, episodes=(going_on, event.key), follow_up_of="d-1", id=f"d-{number}-2")
            await store.add_draft(about, step())
        before = await store.drafts()
        await void(store, {IPV4: doubted})
        assert await store.drafts() == before
        assert len(before) == 4

    async def test_what_else_it_is_about_is_over_and_not_called_void(self, store):
        state, over = await open_listing(store, NOON + MINUTE, Watch("zen", SECOND))
        doubted, event = await told_open(store)
        before = draft("", episodes=(event.key, over.key))
        await store.add_draft(before, step())
        after, ends = closing(state, NOON + 3 * HOUR, Watch("zen", SECOND))
        await commit(store, NOON + 6 * HOUR, states={SECOND: after}, events=ends)
        assert await store.draft("d-1") == before
        end = await void(store, {IPV4: doubted})
        why = "void in part: the list lied about some of it, and the rest is over"
        assert await store.draft("d-1") == closed(before, end, why)

    async def test_several_that_were_void_together_close_what_is_about_them(self, store):
        states, events = await incident(store, {IPV4: "acme", SECOND: "acme"}, lambda _: [])
        before = draft("", episodes=tuple(event.key for event in events))
        await store.add_draft(before, step())
        end = await void(store, states)
        assert await store.draft("d-1") == closed(before, end, NEVER_WAS)

    async def test_who_had_it_before_them_is_refused(self, store):
        doubted, event = await told_open(store)
        await store.add_draft(draft(event.key), step())
        await void(store, {IPV4: doubted})
        submitted = replace(draft(event.key), state=DraftState.SUBMITTED, version=2)
        with pytest.raises(DraftChanged, match="d-1 was changed by somebody else"):
            await store.move_draft(submitted, step(DraftState.SUBMITTED, "tam"))
        assert (await store.draft("d-1")).state is DraftState.CLOSED

    async def test_a_real_listing_that_ends_leaves_its_draft(self, store):
        state, event = await open_listing(store)
        await store.add_draft(draft(event.key), step())
        after, ends = closing(state, NOON + DAY)
        await commit(store, NOON + DAY, states={IPV4: after}, events=ends)
        assert await store.draft("d-1") == draft(event.key)
        assert (await store.load_round("zen", NOON)).states.get(IPV4, ListingState()) == ListingState()


def closed(before, end, why):
    return replace(
        before,
        state=DraftState.CLOSED,
        note=why,
        changed_at=end.at,
        follow_up_at=None,
        version=before.version + 1,
    )
