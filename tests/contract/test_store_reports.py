"""What the store keeps of the life of a report: what people say of it, and who gets it no more."""

from dataclasses import replace

import pytest

from contract.store_values import ACME, BRAVO, HOUR, LEASE, NOON
from deliverwatch.core.alerting import Audience, Notification
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.report_ports import Contact, ContactState, ReportWord, Unarchived, WeekPlan

WEEK = "2026-W47"
FIRST, SECOND = ACME.contacts
RUN = ReportRun(
    "r1",
    "acme",
    WEEK,
    NOON,
    "Your week",
    "<p>h</p>",
    "t",
    (FIRST, SECOND),
    figures={"opened": 1, "ratio": 0.5, "mail": None},
    note="Ask me.",
    bulletin=("2026-05-20-dmarc",),
)
WORD = ReportWord("acme", WEEK, WeekPlan.SENT, "Ask me.", "", "Tam", NOON - HOUR)
LOST = Contact("acme", FIRST, ContactState.BOUNCED, NOON, "550 5.1.1 no such user")


def copy(run, to):
    return Notification(
        f"{run.id}/{to}", run.id, Audience.CUSTOMER, "email", to, (run.customer,), run.made_at, report_id=run.id
    )


def lost_event(contact, key="lost"):
    return Event(key, EventKind.REPORT_CONTACT_LOST, contact.at, "", None, {"customer": contact.customer})


def told(event):
    return Notification(
        f"of {event.key}", "m1", Audience.TAM, "email", "tam@esp.example", ("acme",), event.at, event.key
    )


@pytest.fixture(autouse=True)
async def customers(store):
    await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO)), NOON)


class TestReport:
    async def test_is_kept_with_its_figures_its_note_and_its_news(self, store):
        await store.keep_report_word(WORD)
        assert await store.commit_report(None, RUN, [], {})
        assert await store.reports() == [RUN]
        assert await store.report("r1") == RUN
        assert await store.report("r2") is None
        assert await store.reported(WEEK) == {"acme"}
        assert await store.reported("2026-W46") == frozenset()
        assert await store.told_bulletins("acme") == {"2026-05-20-dmarc"}
        assert await store.told_bulletins("bravo") == frozenset()

    @pytest.mark.parametrize(
        "word", [replace(WORD, plan=WeekPlan.HELD), replace(WORD, plan=WeekPlan.SKIPPED), replace(WORD, note="Else.")]
    )
    async def test_is_not_made_against_the_last_word(self, store, word):
        await store.keep_report_word(word)
        await store.add_slot("report", f"acme/{WEEK}", NOON)
        claim = await store.claim_slot("report", f"acme/{WEEK}", NOON, LEASE)
        assert not await store.commit_report(claim, RUN, [copy(RUN, FIRST)], {}, {"d": FIRST})
        assert (await store.reports(), await store.outbox()) == ([], [])
        assert await store.token_owner("d") is None
        assert (await store.last_slot("report")).finished_at is None

    async def test_takes_no_word_once_it_was_made(self, store):
        await store.commit_report(None, replace(RUN, note=""), [], {})
        event = Event("e", EventKind.REPORT_WAITS, NOON, "", None, {"customer": "acme"})
        assert not await store.keep_report_word(WORD, [event], [told(event)])
        assert (await store.report_words(), await store.outbox()) == ([], [])

    async def test_the_last_word_counts_and_is_found(self, store):
        event = Event("e", EventKind.REPORT_WAITS, NOON, "", None, {"customer": "acme"})
        assert await store.keep_report_word(WORD)
        skipped = replace(WORD, plan=WeekPlan.SKIPPED, reason="empty", by="other", at=NOON)
        assert await store.keep_report_word(skipped, [event], [told(event)])
        older, others = replace(WORD, week="2026-W46"), replace(WORD, customer="bravo")
        await store.keep_report_word(older)
        await store.keep_report_word(others)
        assert await store.report_words() == [skipped, others, older]
        assert await store.report_words(customer="acme", week=WEEK) == [skipped]
        assert [line.notification.event_key for line in await store.outbox()] == ["e"]


class TestContacts:
    async def test_one_is_lost_once_with_what_tells_of_it(self, store):
        event = lost_event(LOST)
        assert await store.contact_lost(LOST, [], event, [told(event)]) is True
        again = lost_event(LOST, "again")
        assert await store.contact_lost(replace(LOST, why="other"), [], again, [told(again)]) is False
        assert await store.contacts() == await store.contacts(customer="acme") == [LOST]
        assert await store.contacts(customer="bravo") == []
        assert [line.notification.event_key for line in await store.outbox()] == ["lost"]

    async def test_who_does_not_know_of_another_loss_writes_nothing(self, store):
        await store.contact_lost(LOST, [], lost_event(LOST), [])
        other = replace(LOST, address=SECOND, state=ContactState.UNSUBSCRIBED)
        event = lost_event(other, "second")
        assert await store.contact_lost(other, [], event, [told(event)]) is None
        assert await store.contacts() == [LOST]
        assert await store.contact_lost(other, [FIRST], event, [told(event)]) is True
        assert len(await store.outbox()) == 1

    async def test_a_restored_one_can_be_lost_again(self, store):
        await store.contact_lost(LOST, [], lost_event(LOST), [])
        restored = replace(LOST, state=ContactState.WELL, at=NOON + HOUR, seen_to_at=NOON + HOUR)
        await store.keep_contact(restored)
        assert await store.contacts() == [restored]
        again = replace(LOST, at=NOON + 2 * HOUR)
        assert await store.contact_lost(again, [], lost_event(again, "again"), []) is True
        assert await store.contacts() == [again]

    async def test_a_token_is_its_readers(self, store):
        await store.commit_report(None, replace(RUN, note=""), [], {}, {"aa": FIRST, "bb": SECOND})
        assert await store.token_owner("aa") == ("acme", FIRST)
        assert await store.token_owner("bb") == ("acme", SECOND)
        assert await store.token_owner("a") is None


class TestArchive:
    async def test_what_is_not_in_it_is_found_with_what_its_first_reader_got(self, store):
        first, later = replace(RUN, note=""), replace(RUN, id="r2", week="2026-W48", made_at=NOON + HOUR, note="")
        for run in (later, first):
            notes = [copy(run, SECOND), copy(run, FIRST)]
            await store.commit_report(None, run, notes, {note.id: note.id.encode() for note in notes})
        assert await store.unarchived(5) == [
            Unarchived(first, f"r1/{FIRST}".encode()),
            Unarchived(later, b"r2/" + FIRST.encode()),
        ]
        assert [each.run.id for each in await store.unarchived(1)] == ["r1"]
        await store.archived("r1", NOON + HOUR)
        assert [each.run.id for each in await store.unarchived(5)] == ["r2"]

    async def test_one_that_went_to_nobody_has_no_message(self, store):
        run = replace(RUN, note="", sent_to=())
        await store.commit_report(None, run, [], {})
        assert await store.unarchived(5) == [Unarchived(run, None)]
