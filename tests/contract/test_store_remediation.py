"""What the flows may rely on of a store, on every database: drafts, best practice, what customers were asked."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from datetime import timedelta

import pytest

from contract.store_values import (
    ACME,
    BRAVO,
    DAY,
    HOUR,
    IPV4,
    IPV6,
    LEASE,
    MINUTE,
    NOON,
    block,
    closing,
    commit,
    draft,
    open_listing,
    step,
)
from deliverwatch.core.alerting import Audience, Notification, NotificationState
from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.errors import DraftChanged, NotPossible, StoreError
from deliverwatch.core.inventory import Language
from deliverwatch.core.inventory_diff import InventoryChange
from deliverwatch.core.listing import Watch
from deliverwatch.core.practice import Advice, Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.customer_word import ActionRequest
from deliverwatch.core.remediation.draft import (
    Action,
    Blocker,
    Draft,
    DraftField,
    DraftKind,
    DraftState,
    Edit,
    RequestOutcome,
)
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.flows.delivery_ports import EpisodeChanges
from deliverwatch.store import open_store

NASTY = "said \x00 by \ud800 a stranger"
CLEANED = "said \ufffd by \ufffd a stranger"

PULLED, SUBMITTED, CLOSED = DraftState.PULLED, DraftState.SUBMITTED, DraftState.CLOSED


def moved(before, **changes):
    return replace(before, version=before.version + 1, **changes)


def webhook(number=1, at=NOON, recipient="help desk"):
    identity = f"w-{number}"
    return Notification(identity, identity, Audience.OPERATOR, "webhook", recipient, (), at)


@pytest.fixture
async def with_acme(store):
    await store.apply_inventory(InventoryChange(customers_added=(ACME, BRAVO)), NOON)
    return store


class TestWhatWantsADraft:
    async def test_a_listing_that_is_open_and_led_on_by_none(self, store):
        state, over = await open_listing(store)
        _, second = await open_listing(store, NOON + HOUR, Watch("zen", IPV6))
        _, third = await open_listing(store, NOON + 2 * HOUR, Watch("psbl", IPV4))
        after, ends = closing(state, NOON + 3 * HOUR)
        await commit(store, NOON + 5 * HOUR, states={IPV4: after}, events=ends)
        assert [each.key for each in await store.undrafted_listings()] == [second.key, third.key]
        assert await store.add_draft(draft(second.key), step())
        assert [each.key for each in await store.undrafted_listings()] == [third.key]
        assert over.key not in {second.key, third.key}

    async def test_a_block_that_is_open_and_led_on_by_none(self, store):
        over = block(1, closed_at=NOON + HOUR, ended=EpisodeEnd.ACCEPTED)
        throttle = block(2, kind=EpisodeKind.THROTTLE)
        newest, oldest = block(5, cause={"what": "volume"}), block(3)
        await store.commit_episodes(EpisodeChanges([over, throttle, newest, oldest, block(4)]))
        assert await store.undrafted_blocks() == [oldest, block(4), newest]
        assert await store.add_draft(draft(block(4).key, kind=DraftKind.BLOCK), step())
        assert await store.undrafted_blocks() == [oldest, newest]

    async def test_one_whose_request_is_closed_wants_no_other_until_it_is_released(self, store):
        _, event = await open_listing(store)
        await store.add_draft(draft(event.key), step())
        refused = moved(draft(event.key), state=CLOSED, note="not worth it")
        await store.move_draft(refused, step(CLOSED, "tam"))
        assert await store.undrafted_listings() == []
        assert not await store.add_draft(draft(event.key, 2), step())
        await store.move_draft(moved(refused), step(CLOSED), release=True)
        assert [each.key for each in await store.undrafted_listings()] == [event.key]
        assert await store.add_draft(draft(event.key, 2), step())
        assert await store.undrafted_listings() == []


class TestAddDraft:
    async def test_what_is_written_is_what_is_read(self, with_acme):
        whole = replace(
            draft("k"),
            customer="acme",
            kind=DraftKind.BLOCK,
            channel=FormChannel.EMAIL,
            url=None,
            to="postmaster@provider.example",
            fields=(DraftField("kind", "Type", "IP", None, None, False, ("IP", "Other"), "tam@esp.example"),),
            blockers=(
                Blocker("ptr", "none", "set one", "tam@esp.example", "2026-11-24T13:00:00+00:00", "is being set"),
            ),
            episodes=("k", "k2"),
            addressee="Provider",
            letter=LetterKind.DENIED,
            language="de",
            text="Bitte \N{SNOWMAN}",
            text_english="Please",
            caveat="Check the address before use",
            steps=("Solve the captcha.", "Confirm."),
            facts={"ips": "192.0.2.10", "reply": NASTY},
            edits=(Edit("text", NASTY, "tam@esp.example", NOON, None), Edit("kind", "IP", "tam", NOON + HOUR, "Other")),
            round=2,
            pulled_by="tam@esp.example",
            pulled_at=NOON + HOUR,
            submitted_at=NOON + 2 * HOUR,
            submitted_by="tam@esp.example",
            reference="#7",
            answered_at=NOON + 3 * HOUR,
            outcome=RequestOutcome.DENIED,
            note="they said no",
            follow_up_at=NOON + DAY,
            ticket="https://desk.example/7",
            version=5,
        )
        follow_up = replace(whole, id="d-2", follow_up_of="d-1", created_at=NOON + DAY)
        taken = step(DraftState.PULLED, "tam", NOON, "mine", Action.EDITED, was=NASTY, now=["a", 1, None])
        assert await with_acme.add_draft(whole, taken)
        assert await with_acme.add_draft(follow_up, step())
        assert await with_acme.drafts() == [follow_up, whole]
        assert await with_acme.draft("d-1") == whole
        assert await with_acme.draft("d-3") is None
        assert await with_acme.draft_steps("d-1") == [taken]
        assert await with_acme.draft_steps("d-3") == []
        unset = {each.name for each in fields(Draft) if getattr(follow_up, each.name) in (None, (), {}, "")}
        assert unset == {"url"}

    async def test_text_that_no_database_holds_keeps_no_draft_from_being_made(self, store):
        names = ("text", "text_english", "addressee", "caveat", "cause", "reference", "note", "pulled_by", "ticket")
        said = draft("k", **dict.fromkeys((*names, "submitted_by"), NASTY))
        assert await store.add_draft(said, step(by=NASTY, note=NASTY))
        assert await store.draft("d-1") == replace(said, **dict.fromkeys((*names, "submitted_by"), CLEANED))
        assert await store.draft_steps("d-1") == [step(by=CLEANED, note=CLEANED)]

    async def test_nothing_is_written_where_another_leads_on_a_part(self, store, count_rows):
        assert await store.add_draft(draft("b"), step())
        before = count_rows()
        other = draft("", 2, episodes=("a", "b", "c"))
        assert not await store.add_draft(other, step(), [webhook()], {"w-1": b"{}"})
        assert count_rows() == before
        assert await store.add_draft(replace(other, episodes=("a", "c")), step())

    async def test_nothing_is_written_where_the_id_is_there(self, store, count_rows):
        assert await store.add_draft(draft("a"), step())
        before = count_rows()
        assert not await store.add_draft(draft("b"), step())
        assert count_rows() == before

    async def test_a_follow_up_leads_on_nothing(self, store):
        _, event = await open_listing(store)
        await store.add_draft(draft(event.key), step())
        assert await store.add_draft(draft(event.key, 2, follow_up_of="d-1"), step())
        assert await store.add_draft(draft(event.key, 3, follow_up_of="d-2"), step())
        await store.move_draft(moved(draft(event.key)), step(), release=True)
        assert [each.key for each in await store.undrafted_listings()] == [event.key]

    async def test_a_mistake_half_way_leaves_nothing(self, store, count_rows):
        before = count_rows()
        with pytest.raises(StoreError):
            await store.add_draft(draft("a"), step(), [webhook(), replace(webhook(2), event_key="no such event")])
        assert count_rows() == before

    def test_of_many_that_add_at_once_one_leads(self, store_url):
        open_store(store_url).shut()
        with ThreadPoolExecutor(4) as threads:
            added = list(threads.map(add_all, [store_url] * 4, range(4)))
        assert [sum(of_cause) for of_cause in zip(*added, strict=True)] == [1] * CAUSES


CAUSES = 8


def add_all(url, worker):
    """Whether it added a draft, for each cause: their episodes are the same, in another order for each worker."""

    async def work():
        store = open_store(url)
        added = []
        for cause in range(CAUSES):
            keys = [f"{cause}/{number}" for number in range(5)]
            about = draft("", episodes=tuple(keys[worker:] + keys[:worker]), id=f"d-{cause}-{worker}")
            added.append(await store.add_draft(about, step()))
        await store.close()
        return added

    return asyncio.run(work())


class TestMoveDraft:
    async def test_from_the_version_that_was_read(self, store, count_rows):
        await store.add_draft(draft("k"), step())
        pulled = moved(draft("k"), state=PULLED, pulled_by="tam")
        await store.move_draft(pulled, step(PULLED, "tam"))
        before = count_rows()
        with pytest.raises(DraftChanged, match="d-1 was changed by somebody else meanwhile"):
            await store.move_draft(replace(pulled, pulled_by="other"), step(PULLED, "other"), [webhook()], {})
        assert (await store.draft("d-1"), count_rows()) == (pulled, before)
        submitted = moved(pulled, state=SUBMITTED, reference="#7")
        await store.move_draft(submitted, step(SUBMITTED, "tam", NOON + HOUR, "by form"))
        assert await store.draft("d-1") == submitted
        assert [each.action for each in await store.draft_steps("d-1")] == ["prepared", "pulled", "submitted"]

    async def test_one_that_is_not_there_is_not_written(self, store):
        with pytest.raises(DraftChanged):
            await store.move_draft(moved(draft("k")), step())
        assert await store.drafts() == []

    async def test_takes_up_new_episodes_and_leaves_those_that_are_not_its_own_any_more(self, store):
        _, first = await open_listing(store)
        _, second = await open_listing(store, NOON + HOUR, Watch("zen", IPV6))
        await store.add_draft(draft(first.key), step())
        renewed = moved(draft(first.key), episodes=(second.key, first.key))
        await store.move_draft(renewed, step(action=Action.RENEWED))
        assert await store.undrafted_listings() == []
        handed_over = moved(renewed, episodes=(second.key,))
        await store.move_draft(handed_over, step(action=Action.RENEWED))
        assert [each.key for each in await store.undrafted_listings()] == [first.key]
        assert await store.add_draft(draft(first.key, 2), step())

    async def test_takes_up_nothing_that_another_leads_on(self, store, count_rows):
        await store.add_draft(draft("a"), step())
        await store.add_draft(draft("b", 2), step())
        before = count_rows()
        with pytest.raises(DraftChanged, match="d-1 cannot take up what another draft leads on"):
            await store.move_draft(moved(draft("a"), episodes=("a", "b", "c")), step())
        assert (await store.draft("d-1"), count_rows()) == (draft("a"), before)

    async def test_a_follow_up_takes_up_what_it_does_not_lead_on(self, store):
        _, event = await open_listing(store)
        await store.add_draft(draft("k"), step())
        follow_up = draft("k", 2, follow_up_of="d-1")
        await store.add_draft(follow_up, step())
        await store.move_draft(moved(follow_up, episodes=("k", event.key)), step())
        assert [each.key for each in await store.undrafted_listings()] == [event.key]

    async def test_found_by_customer_state_and_time(self, with_acme):
        store = with_acme
        await store.add_draft(draft("k1", 1, customer="acme"), step())
        await store.add_draft(draft("k2", 2, customer="bravo", state=PULLED, changed_at=NOON + HOUR), step())
        await store.add_draft(draft("k3", 3, customer="acme", state=CLOSED, follow_up_of="d-1"), step())
        assert await ids(store) == ["d-3", "d-2", "d-1"]
        assert await ids(store, customer="acme") == ["d-3", "d-1"]
        assert await ids(store, state=DraftState.PREPARED) == ["d-1"]
        assert await ids(store, states={PULLED, CLOSED}) == ["d-3", "d-2"]
        assert await ids(store, customer="acme", state=CLOSED) == ["d-3"]
        assert await ids(store, since=NOON + 3 * MINUTE) == ["d-3", "d-2"]
        assert await ids(store, since=NOON + HOUR) == ["d-2"]
        assert (await store.counts())["drafts_waiting"] == 2


async def ids(store, **wanted):
    return [each.id for each in await store.drafts(**wanted)]


class TestWhatIsToldOfSteps:
    async def test_comes_with_its_content_and_without_an_event(self, store):
        await store.add_draft(draft("k"), step(), [webhook()], {"w-1": b'{"id": "d-1"}', "other": b""})
        delivery = await store.claim_notification(NOON, LEASE)
        assert (delivery.notification, delivery.event) == (webhook(), None)
        assert delivery.content == b'{"id": "d-1"}'
        await store.notification_sent(delivery, NOON + MINUTE)
        (line,) = await store.outbox()
        assert (line.state, line.event_kind) == (NotificationState.SENT, None)
        assert (line.notification.channel, line.notification.report_id) == ("webhook", None)

    async def test_reaches_a_recipient_in_the_order_of_the_steps_of_one_draft(self, store):
        await store.add_draft(draft("k"), step(), [webhook(1), webhook(2, NOON, "other desk")], {"w-1": b"1"})
        await store.move_draft(moved(draft("k")), step(), [webhook(3, NOON + MINUTE)], {"w-3": b"3"})
        await store.add_draft(draft("other", 2), step(), [webhook(4, NOON + 2 * MINUTE)], {"w-4": b"4"})
        first = await store.claim_notification(NOON + HOUR, LEASE)
        await store.notification_failed(first, "503", NOON + DAY)
        claimed = [await store.claim_notification(NOON + HOUR, LEASE) for _ in range(3)]
        assert [each and each.notification.id for each in claimed] == ["w-2", "w-4", None]
        again = await store.claim_notification(NOON + DAY, LEASE)
        assert (again.notification.id, again.content) == ("w-1", b"1")
        await store.notification_sent(again, NOON + DAY)
        last = await store.claim_notification(NOON + DAY, timedelta(0))
        assert last.notification.id in {"w-2", "w-3", "w-4"}

    async def test_is_told_once_however_often_it_is_written(self, store):
        await store.add_draft(draft("k"), step(), [webhook()], {"w-1": b"1"})
        await store.move_draft(moved(draft("k")), step(), [webhook()], {"w-1": b"2"})
        (line,) = await store.outbox()
        assert (await store.claim_notification(NOON, LEASE)).content == b"1"
        assert line.notification == webhook()


SPF = CheckResult(
    Check.SPF,
    "news.acme.example",
    CheckOutcome.FAIL,
    "no SPF record",
    NOON,
    "TXT of news.acme.example by 192.0.2.53:53",
    "spf_missing",
    {"domain": "news.acme.example"},
)
PTR = CheckResult(Check.PTR, "192.0.2.10", CheckOutcome.PASS, "mail.acme.example", NOON, "PTR")
COMPLAINTS = CheckResult(Check.COMPLAINTS, "", CheckOutcome.UNKNOWN, "no data", NOON, "facts")
ADVICE = Advice("a-1", "acme", SPF.check, SPF.subject, "spf_missing", SPF.facts, SPF.found, NOON)


class TestPractice:
    async def test_the_last_results_by_customer_in_the_order_of_the_checks(self, with_acme):
        assert await with_acme.practice() == {}
        await with_acme.keep_practice("acme", [COMPLAINTS, PTR, SPF], [], complete=True)
        await with_acme.keep_practice("bravo", [COMPLAINTS], [], complete=True)
        assert await with_acme.practice() == {"acme": [SPF, PTR, COMPLAINTS], "bravo": [COMPLAINTS]}
        assert await with_acme.practice("bravo") == {"bravo": [COMPLAINTS]}
        assert await with_acme.practice("nobody") == {}

    async def test_a_result_replaces_the_one_before(self, with_acme):
        mended = replace(SPF, outcome=CheckOutcome.PASS, found="v=spf1 -all", problem=None, facts={}, at=NOON + DAY)
        other = replace(SPF, subject="shop.acme.example")
        await with_acme.keep_practice("acme", [SPF, PTR], [], complete=True)
        await with_acme.keep_practice("acme", [mended, other], [], complete=False)
        assert await with_acme.practice() == {"acme": [mended, other, PTR]}

    async def test_whole_ones_drop_what_is_not_among_them(self, with_acme):
        await with_acme.keep_practice("acme", [SPF, PTR, COMPLAINTS], [], complete=True)
        await with_acme.keep_practice("bravo", [PTR], [], complete=True)
        await with_acme.keep_practice("acme", [PTR], [], complete=True)
        assert await with_acme.practice() == {"acme": [PTR], "bravo": [PTR]}
        await with_acme.keep_practice("acme", [], [], complete=True)
        assert await with_acme.practice() == {"bravo": [PTR]}

    async def test_advice_newest_first(self, with_acme):
        newer = replace(ADVICE, id="a-2", customer="bravo", opened_at=NOON + HOUR)
        mended = replace(ADVICE, id="a-3", opened_at=NOON + 2 * HOUR, told_at=NOON + DAY, mended_at=NOON + 2 * DAY)
        await with_acme.keep_practice("acme", [], [ADVICE, mended], complete=False)
        await with_acme.keep_practice("bravo", [], [newer], complete=False)
        assert await with_acme.advice() == [mended, newer, ADVICE]
        assert await with_acme.advice("acme") == [mended, ADVICE]
        assert await with_acme.advice(open_only=True) == [newer, ADVICE]
        assert await with_acme.advice("bravo", open_only=True) == [newer]

    async def test_advice_is_written_over(self, with_acme):
        await with_acme.keep_practice("acme", [], [ADVICE], complete=False)
        after = replace(ADVICE, problem="spf_two", facts={"count": "2"}, found="two records", mended_at=NOON + DAY)
        await with_acme.keep_practice("acme", [], [after], complete=False)
        assert await with_acme.advice() == [after]
        await with_acme.keep_practice("acme", [], [replace(after, mended_at=None)], complete=False)
        assert await with_acme.advice() == [replace(after, mended_at=None)]

    async def test_who_had_not_heard_of_it_takes_back_neither_what_was_told_nor_what_was_overruled(self, with_acme):
        overruled = replace(
            ADVICE,
            told_at=NOON + HOUR,
            overruled_by="tam@esp.example",
            overruled_at=NOON + 2 * HOUR,
            overruled_because="is being set today",
        )
        await with_acme.keep_practice("acme", [], [overruled], complete=False)
        checked_meanwhile = replace(ADVICE, told_at=NOON + DAY, found="still none")
        await with_acme.keep_practice("acme", [], [checked_meanwhile], complete=False)
        assert await with_acme.advice() == [replace(overruled, found="still none")]
        again = replace(overruled, overruled_by="other@esp.example", overruled_because="tomorrow")
        await with_acme.keep_practice("acme", [], [again], complete=False)
        assert await with_acme.advice() == [again]

    async def test_text_that_no_database_holds_keeps_nothing_from_being_written(self, with_acme):
        result = replace(SPF, subject=NASTY, found=NASTY, source=NASTY, facts={"txt": NASTY})
        advice = replace(ADVICE, subject=NASTY, found=NASTY, overruled_because=NASTY)
        for _ in range(2):
            await with_acme.keep_practice("acme", [result], [advice], complete=True)
        cleaned = replace(result, subject=CLEANED, found=CLEANED, source=CLEANED)
        assert await with_acme.practice() == {"acme": [cleaned]}
        (kept,) = await with_acme.advice()
        assert kept == replace(advice, subject=CLEANED, found=CLEANED, overruled_because=CLEANED)


ASKED = ActionRequest(
    "q-1", "acme", "d-1", NOON + DAY, "tam@esp.example", Language.DE, ("cause", "what_changed"), ACME.contacts, ("a-1",)
)
ANSWERED = replace(
    ASKED,
    answers={"cause": "Ein Formular \N{SNOWMAN}", "what_changed": NASTY},
    answer_language=Language.DE,
    answered_at=NOON + 2 * DAY,
    answered_by="A. Admin",
    kept_by="tam@esp.example",
)


class TestActionRequests:
    @pytest.fixture
    async def asked(self, with_acme):
        """The draft as it is after the customer was asked."""
        await with_acme.add_draft(draft("k", customer="acme"), step())
        other = replace(ADVICE, id="a-2")
        told = replace(ADVICE, id="a-3", told_at=NOON)
        await with_acme.keep_practice("acme", [], [ADVICE, other, told], complete=False)
        after = moved(draft("k", customer="acme"))
        mail = replace(webhook(), audience=Audience.CUSTOMER, channel="email", customers=("acme",))
        request = replace(ASKED, advice=("a-1", "a-3"))
        await with_acme.add_action_request(request, after, step(action=Action.ASKED), [mail], {"w-1": b"mail"})
        return after

    async def test_are_there_with_the_step_and_the_mail(self, with_acme, asked):
        request = replace(ASKED, advice=("a-1", "a-3"))
        assert await with_acme.action_requests() == [request]
        assert await with_acme.action_requests(customer="bravo") == []
        assert await with_acme.draft("d-1") == asked
        assert [each.action for each in await with_acme.draft_steps("d-1")] == [Action.PREPARED, Action.ASKED]
        assert (await with_acme.claim_notification(NOON + DAY, LEASE)).content == b"mail"

    @pytest.mark.usefixtures("asked")
    async def test_tell_the_advice_that_they_repeat(self, with_acme):
        told_at = {each.id: each.told_at for each in await with_acme.advice()}
        assert told_at == {"a-1": ASKED.asked_at, "a-2": None, "a-3": NOON}

    async def test_are_not_there_without_the_step(self, with_acme, asked, count_rows):
        before = count_rows()
        with pytest.raises(DraftChanged):
            await with_acme.add_action_request(replace(ASKED, id="q-2"), asked, step(action=Action.ASKED))
        assert count_rows() == before

    async def test_newest_first(self, with_acme, asked):
        newer = replace(ASKED, id="q-2", asked_at=NOON + 2 * DAY, advice=(), sent_to=())
        await with_acme.add_action_request(newer, moved(asked), step(action=Action.ASKED))
        assert [each.id for each in await with_acme.action_requests(customer="acme")] == ["q-2", "q-1"]

    async def test_are_answered(self, with_acme, asked):
        await with_acme.answer_action_request(ANSWERED, moved(asked), step(action=Action.TOLD))
        assert await with_acme.action_requests() == [replace(ANSWERED, advice=("a-1", "a-3"))]
        assert (await with_acme.draft_steps("d-1"))[-1].action is Action.TOLD

    async def test_no_answer_is_written_over_another(self, with_acme, asked):
        told = moved(asked)
        answered = replace(ANSWERED, answered_by="A.\nAdmin")
        await with_acme.answer_action_request(answered, told, step(action=Action.TOLD))
        other = replace(ANSWERED, answers={"cause": "nothing"}, answered_by="B. Other")
        with pytest.raises(NotPossible, match=r"q-1 was answered already, by A\.\\nAdmin at 2026-11-26 12:00 UTC"):
            await with_acme.answer_action_request(other, moved(told), step(action=Action.TOLD))
        assert (await with_acme.action_requests())[0].answers == ANSWERED.answers
        assert await with_acme.draft("d-1") == told

    async def test_what_was_not_asked_is_not_answered(self, with_acme, asked):
        with pytest.raises(NotPossible, match="there is no action request q-9"):
            await with_acme.answer_action_request(replace(ANSWERED, id="q-9"), moved(asked), step())
        assert await with_acme.draft("d-1") == asked

    async def test_come_answered_from_a_customer_who_spoke_before_being_asked(self, with_acme, asked):
        said = replace(ANSWERED, id="q-2", sent_to=(), advice=())
        await with_acme.add_action_request(said, moved(asked), step(action=Action.TOLD))
        assert said in await with_acme.action_requests()
