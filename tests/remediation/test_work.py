"""What people do with a draft: each step is kept, and nobody goes over another's work."""

from dataclasses import replace

import pytest

from deliverwatch.core.errors import DraftChanged, NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.customer_word import Said
from deliverwatch.core.remediation.draft import Action, DraftState, RequestOutcome
from deliverwatch.core.remediation.facts import FROM_CUSTOMER
from deliverwatch.flows.delivery_ports import EpisodeChanges
from remediation.read_once import read_once
from remediation.world import DAY, HOUR, MINUTE, NOON

S3140 = "550 5.7.1 Messages from [192.0.2.10] weren't sent. part of their network is on our block list (S3140)."
CLEANED = {
    "cause": "bought addresses",
    "what_changed": "list cleaned",
    "changed_on": "2026-11-23",
    "changed_by": "Alex",
}


@pytest.fixture(autouse=True)
def _read_once(monkeypatch):
    read_once(monkeypatch)


async def blocked(world, subject="192.0.2.10", provider="microsoft_consumer", reply=S3140):
    await world.blocked(subject, provider, reply)
    await world.after()
    return await world.the_draft()


async def failing(world, outcome=CheckOutcome.FAIL, found="192.0.2.10 has no reverse name", problem="ptr_missing"):
    """Looked at just now."""
    result = CheckResult(Check.PTR, "192.0.2.10", outcome, found, world.clock.now(), "a look", problem)
    await world.store.keep_practice("acme", [result], [], complete=True)


def missing(draft):
    return {each.field: each.why for each in draft.missing}


def value(draft, name):
    return next(field.value for field in draft.fields if field.name == name)


def minute(at):
    return at.replace(second=0, microsecond=0)


async def actions(world, draft):
    return [(step.action, step.by) for step in await world.store.draft_steps(draft.id)]


class TestTwoPeople:
    async def test_the_later_edit_is_refused_with_both_texts(self, world):
        draft = await blocked(world)
        await world.desk("pat").pull(draft.id)
        await world.desk("sam").pull(draft.id)
        await world.desk("pat").edit(draft.id, {"contact": "Pat's desk", "domain": "a.example"})
        with pytest.raises(DraftChanged) as refused:
            await world.desk("sam").edit(draft.id, {"contact": "Sam's desk"})
        told = str(refused.value)
        assert "pat edited draft" in told
        assert "contact, as pat left it: Pat's desk" in told
        assert "contact, as yours: Sam's desk" in told
        kept = await world.store.draft(draft.id)
        assert (value(kept, "contact"), [edit.by for edit in kept.edits]) == ("Pat's desk", ["pat", "pat"])

    async def test_who_has_seen_it_may_go_on_from_there(self, world):
        draft = await blocked(world)
        await world.desk("pat").edit(draft.id, {"text": "Pat's words."})
        with pytest.raises(DraftChanged, match="text, as yours: Sam's words"):
            await world.desk("sam").edit(draft.id, {"text": "Sam's words."})
        await world.desk("sam").pull(draft.id)
        assert (await world.desk("sam").edit(draft.id, {"text": "Sam's words."})).text == "Sam's words."

    async def test_other_fields_do_not_clash(self, world):
        draft = await blocked(world)
        await world.desk("pat").edit(draft.id, {"contact": "Pat's desk"})
        after = await world.desk("sam").edit(draft.id, {"domain": "b.example"})
        assert (value(after, "contact"), value(after, "domain")) == ("Pat's desk", "b.example")

    async def test_an_edit_of_a_named_version_is_refused_when_that_is_past(self, world):
        draft = await blocked(world)
        pulled = await world.desk("pat").pull(draft.id)
        edited = await world.desk("sam").edit(draft.id, {"contact": "Sam's desk"}, pulled.version)
        with pytest.raises(DraftChanged):
            await world.desk("pat").edit(draft.id, {"contact": "Pat's desk"}, pulled.version)
        assert (await world.desk("pat").edit(draft.id, {"contact": "Pat's desk"}, edited.version)).version == 4
        for version in (0, -1, 99):
            with pytest.raises(NotPossible, match=f"has no version {version}: it is at 4"):
                await world.desk("sam").edit(draft.id, {"contact": "x"}, version)

    async def test_both_see_who_pulled_it(self, world):
        draft = await blocked(world)
        await world.desk("pat").pull(draft.id)
        assert (await world.desk("sam").pull(draft.id)).pulled_by == "sam"
        assert (Action.PULLED, "pat") in await actions(world, draft)


class TestEdits:
    async def test_an_edit_survives_renewals(self, world):
        draft = await blocked(world)
        await world.desk().edit(draft.id, {"contact": "Pat's desk"})
        await world.after(2 * HOUR)
        assert value(await world.the_draft(), "contact") == "Pat's desk"
        await failing(world)
        world.clock.advance(HOUR)
        await world.desk().edit(draft.id, {"domain": "a.example"})
        pulled = await world.desk("sam").pull(draft.id)
        assert (value(pulled, "contact"), value(pulled, "domain")) == ("Pat's desk", "a.example")
        assert [(edit.field, edit.by) for edit in pulled.edits] == [("contact", "pat"), ("domain", "pat")]

    async def test_it_is_said_to_be_stale_when_the_facts_behind_it_changed(self, world):
        draft = await blocked(world)
        await world.desk().edit(draft.id, {"contact": "Pat's desk"})
        said = Said({"what_changed": "list cleaned"}, "Alex Kim", Language.EN)
        told = await world.remediation.keep_answer(draft.id, "pat", said)
        assert missing(told)["contact"] == "edited by pat; since then changed: what was changed: look at it again"
        assert value(told, "contact") == "Pat's desk"
        again = await world.desk().edit(draft.id, {"contact": "Pat's desk"})
        assert "contact" not in missing(again)

    async def test_a_field_that_the_form_has_not_is_named(self, world):
        draft = await blocked(world)
        with pytest.raises(NotPossible, match=r"contct.*contact"):
            await world.desk().edit(draft.id, {"contct": "x"})

    async def test_a_draft_that_somebody_edited_is_joined_by_nothing(self, world):
        draft = await blocked(world)
        await world.desk().edit(draft.id, {"contact": "Pat's desk"})
        await world.blocked("192.0.2.11", "microsoft_consumer", S3140)
        assert await world.after(HOUR) == 1
        assert (await world.store.draft(draft.id)).subjects == ("192.0.2.10",)

    async def test_what_was_sent_cannot_be_edited(self, world):
        draft = await blocked(world)
        await world.desk().submit(draft.id, "SRX 1")
        with pytest.raises(NotPossible, match="submitted: only what has not been sent can be changed"):
            await world.desk().edit(draft.id, {"contact": "x"})
        with pytest.raises(NotPossible, match="only what has not been sent can be changed"):
            await world.desk().overrule(draft.id, "ptr", "because")
        with pytest.raises(
            NotPossible, match=r"cannot be pulled: it was submitted by pat on 2026-11-24 12:00 UTC, reference SRX 1$"
        ):
            await world.desk().pull(draft.id)
        with pytest.raises(NotPossible, match="cannot be submitted: it was submitted by pat"):
            await world.desk().submit(draft.id, "SRX 2")


class TestOverrule:
    async def test_with_a_reason_that_is_kept_over_renewals(self, world):
        await failing(world)
        draft = await blocked(world)
        assert "ptr" in {each.check for each in draft.stands_against}
        after = await world.desk().overrule(draft.id, "ptr", "the provider knows")
        assert "ptr" not in {each.check for each in after.stands_against}
        await failing(world, found="192.0.2.10 still has no reverse name")
        await world.after(2 * HOUR)
        pulled = await world.desk("sam").pull(draft.id)
        (ptr,) = [each for each in pulled.blockers if each.check == "ptr"]
        assert (ptr.stands, ptr.overruled_by, ptr.overruled_because) == (False, "pat", "the provider knows")
        assert ptr.overruled_at == "2026-11-24T12:00:00Z"

    async def test_something_else_that_fails_stands_again(self, world):
        await failing(world)
        draft = await blocked(world)
        await world.desk().overrule(draft.id, "ptr", "the provider knows")
        await failing(world, found="192.0.2.10 leads elsewhere", problem="ptr_elsewhere")
        assert "ptr" in {each.check for each in (await world.desk().pull(draft.id)).stands_against}

    async def test_a_reason_is_more_than_blanks(self, world):
        await failing(world)
        draft = await blocked(world)
        desk = world.desk()
        for work in (desk.overrule(draft.id, "ptr", " "), desk.submit(draft.id, ""), desk.close(draft.id, "\t")):
            with pytest.raises(NotPossible, match="is empty"):
                await work
        assert await world.the_draft() == draft

    async def test_what_does_not_stand_against_it_is_named(self, world):
        draft = await blocked(world)
        with pytest.raises(NotPossible, match="ptr"):
            await world.desk().overrule(draft.id, "ptr", "because")


class TestPull:
    async def test_brings_it_up_to_date(self, world):
        await failing(world)
        draft = await blocked(world)
        await failing(world, CheckOutcome.PASS, "192.0.2.10 has the reverse name out1.acme.example")
        pulled = await world.desk().pull(draft.id)
        assert "ptr" not in {each.check for each in pulled.blockers}
        assert "out1.acme.example" in pulled.text
        assert (pulled.state, pulled.pulled_by, minute(pulled.pulled_at)) == (DraftState.PULLED, "pat", NOON)
        assert (pulled.created_at, pulled.due_at, pulled.version) == (draft.created_at, draft.due_at, 2)

    async def test_the_figures_are_those_of_now(self, world):
        episode = await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
        await world.after()
        draft = await world.the_draft()
        later = replace(
            episode, last_seen_at=NOON + 5 * HOUR, evidence={**episode.evidence, "replies": 950, "attempted": 1000}
        )
        world.clock.advance(6 * HOUR)
        await world.store.commit_episodes(EpisodeChanges([later]))
        assert "950 of 1,000 attempts" not in draft.text
        assert "950 of 1,000 attempts" in (await world.desk().pull(draft.id)).text


class TestTrail:
    async def test_every_step_is_kept_with_who_and_when(self, world):
        await failing(world)
        draft = await blocked(world)
        desk = world.desk()
        await desk.pull(draft.id)
        world.clock.advance(MINUTE)
        await desk.edit(draft.id, {"contact": "Pat's desk"})
        await desk.overrule(draft.id, "ptr", "the provider knows")
        await world.remediation.ask_customer(draft.id, "pat")
        await world.remediation.keep_answer(draft.id, "sam", Said(CLEANED, "Alex Kim", Language.EN))
        await desk.link(draft.id, "https://desk.esp.example/7")
        await world.desk("sam").submit(draft.id, "SRX 1")
        await desk.answer(draft.id, RequestOutcome.GRANTED, "mitigated")
        await desk.close(draft.id, "seen")
        assert await actions(world, draft) == [
            (Action.PREPARED, "deliverwatch"),
            (Action.PULLED, "pat"),
            (Action.EDITED, "pat"),
            (Action.OVERRULED, "pat"),
            (Action.ASKED, "pat"),
            (Action.TOLD, "sam"),
            (Action.LINKED, "pat"),
            (Action.SUBMITTED, "sam"),
            (Action.ANSWERED, "pat"),
            (Action.CLOSED, "pat"),
        ]
        steps = await world.store.draft_steps(draft.id)
        assert [minute(step.at) for step in steps] == [NOON] * 2 + [NOON + MINUTE] * 8
        assert steps[2].facts["before"] == {"contact": "Deliverability team"}
        assert steps[2].facts["after"] == {"contact": "Pat's desk"}
        assert (steps[3].note, steps[5].facts) == ("ptr: the provider knows", {"answers": CLEANED})
        assert (steps[8].note, steps[8].facts, steps[9].note) == ("mitigated", {"outcome": "granted"}, "seen")

    async def test_what_was_sent_is_kept_as_it_was(self, world):
        await failing(world)
        draft = await blocked(world)
        edited = await world.desk().edit(draft.id, {"text": "As it went out."})
        sent = await world.desk().submit(draft.id, "SRX 1")
        (step,) = [each for each in await world.store.draft_steps(draft.id) if each.action is Action.SUBMITTED]
        assert step.facts["text"] == "As it went out."
        assert step.facts["fields"] == {field.name: field.value for field in edited.fields}
        assert step.facts["fields"]["description"] == "As it went out."
        assert step.facts["against"] == ["ptr"]
        assert set(step.facts["missing"]) == {each.field for each in edited.missing}
        assert (sent.submitted_by, sent.reference, minute(sent.submitted_at)) == ("pat", "SRX 1", NOON)

    async def test_earlier_steps_never_change(self, world):
        draft = await blocked(world)
        await world.desk().pull(draft.id)
        before = await world.store.draft_steps(draft.id)
        await world.desk().submit(draft.id, "SRX 1")
        await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
        await world.desk().answer(draft.id, RequestOutcome.GRANTED, "it was granted after all")
        after = await world.store.draft_steps(draft.id)
        assert after[: len(before)] == before
        assert [step.note for step in after[-2:]] == ["no", "it was granted after all"]


class TestAnswers:
    async def test_an_answer_put_right_hands_over_nothing(self, world):
        draft = await blocked(world)
        await world.desk().submit(draft.id, "SRX 1")
        _, follow_up = await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
        await world.desk().submit(follow_up.id, "SRX 1")
        for _ in range(2):
            denied, _ = await world.desk().answer(follow_up.id, RequestOutcome.DENIED, "no again")
            assert [each.check for each in denied.stands_against].count("tier 2") == 1
        granted, _ = await world.desk().answer(follow_up.id, RequestOutcome.GRANTED, "a misreading: granted")
        assert "tier 2" not in {each.check for each in granted.blockers}

    async def test_the_follow_up_to_an_answer_that_was_put_right_is_dropped(self, world):
        draft = await blocked(world)
        await world.desk().submit(draft.id, "SRX 1")
        _, to_denial = await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
        _, to_question = await world.desk().answer(draft.id, RequestOutcome.MORE_INFORMATION, "send headers")
        dropped = await world.store.draft(to_denial.id)
        assert (dropped.state, to_question.state) == (DraftState.CLOSED, DraftState.PREPARED)
        assert "another answer" in (await world.store.draft_steps(to_denial.id))[-1].note

    async def test_what_was_not_sent_has_no_answer(self, world):
        draft = await blocked(world)
        with pytest.raises(
            NotPossible, match=r"cannot be answered: it was prepared by .* nobody has recorded that it was sent"
        ):
            await world.desk().answer(draft.id, RequestOutcome.GRANTED, "x")


class TestClose:
    async def test_with_a_reason(self, world):
        draft = await blocked(world)
        closed = await world.desk().close(draft.id, "handled by telephone")
        assert (closed.state, closed.note, closed.follow_up_at) == (DraftState.CLOSED, "handled by telephone", None)
        assert await world.after(3 * DAY) == 0
        with pytest.raises(
            NotPossible, match=r"cannot be pulled: it was closed by pat on .* UTC: handled by telephone$"
        ):
            await world.desk().pull(draft.id)

    async def test_a_link_to_the_ticket_may_be_kept_at_any_time(self, world):
        draft = await blocked(world)
        await world.desk().close(draft.id, "handled by telephone")
        linked = await world.desk().link(draft.id, "https://desk.esp.example/7")
        assert (linked.ticket, linked.state) == ("https://desk.esp.example/7", DraftState.CLOSED)

    async def test_a_draft_that_is_not_there(self, world):
        with pytest.raises(NotPossible, match="there is no draft d-none"):
            await world.desk().pull("d-none")


class TestAskTheCustomer:
    async def test_exactly_what_the_form_needs_in_their_language(self, world):
        await world.blocked("198.51.100.3", "orange", "550 5.2.0 Mail rejete. Mail rejected. OFR_506 [506]")
        await world.after()
        draft = await world.the_draft()
        wanted = {field.fact for field in world.remediation.forms.form("orange").fields} | set(missing(draft))
        request = await world.remediation.ask_customer(draft.id, "pat")
        assert set(request.questions) == wanted & set(FROM_CUSTOMER)
        assert {"consent", "what_changed"} <= set(request.questions)
        assert (request.language, request.sent_to, request.asked_by) == (Language.DE, ("mail@bravo.example",), "pat")
        (kept,) = await world.store.action_requests(customer="bravo")
        assert (kept.questions, kept.answered_at) == (request.questions, None)
        mail = await world.store.claim_notification(world.clock.now(), HOUR)
        assert mail.notification.recipient == "mail@bravo.example"

    async def test_what_they_said_is_not_asked_again(self, world):
        draft = await blocked(world, provider="orange", reply="550 5.2.0 Mail rejected. OFR_506 [506]")
        first = await world.remediation.ask_customer(draft.id, "pat")
        consent = Said({"consent": "by a confirmed form"}, "Alex Kim", Language.EN)
        await world.remediation.keep_answer(draft.id, "pat", consent)
        second = await world.remediation.ask_customer(draft.id, "pat")
        assert second.questions == tuple(each for each in first.questions if each != "consent")
        await world.remediation.keep_answer(draft.id, "pat", Said(CLEANED, "Alex Kim", Language.EN))
        with pytest.raises(NotPossible, match="needs nothing more of the customer"):
            await world.remediation.ask_customer(draft.id, "pat")

    async def test_a_page_that_wants_an_address_asks_nothing(self, world):
        await world.listed("192.0.2.10", "psbl")
        await world.after()
        with pytest.raises(NotPossible, match="needs nothing more of the customer"):
            await world.remediation.ask_customer((await world.the_draft()).id, "pat")

    async def test_of_what_several_hold_nobody_is_asked(self, world):
        draft = await blocked(world, "203.0.113.2")
        with pytest.raises(NotPossible, match="there is nobody to ask"):
            await world.remediation.ask_customer(draft.id, "pat")

    async def test_of_a_closed_draft_nothing_is_asked(self, world):
        draft = await blocked(world)
        await world.desk().close(draft.id, "handled by telephone")
        with pytest.raises(NotPossible, match="is closed: nothing more is asked"):
            await world.remediation.ask_customer(draft.id, "pat")

    async def test_the_answer_lands_in_the_draft_with_its_source(self, world):
        draft = await blocked(world)
        assert "what_changed" in missing(draft)
        await world.remediation.ask_customer(draft.id, "pat")
        told = await world.remediation.keep_answer(draft.id, "sam", Said(CLEANED, "Alex Kim", Language.EN))
        assert "list cleaned" in told.text
        assert not set(FROM_CUSTOMER) & set(missing(told))
        assert "Alex Kim said: " in "; ".join(each.what for each in told.evidence)
        (kept,) = await world.store.action_requests(customer="acme")
        assert (kept.answers, kept.answered_by, kept.kept_by) == (CLEANED, "Alex Kim", "sam")

    async def test_another_answer_is_kept_beside_the_first(self, world):
        draft = await blocked(world)
        first = Said({"what_changed": "list cleaned"}, "Alex Kim", Language.EN)
        await world.remediation.keep_answer(draft.id, "pat", first)
        world.clock.advance(HOUR)
        later = Said({"what_changed": "list deleted"}, "Sasha Loy", Language.EN)
        told = await world.remediation.keep_answer(draft.id, "pat", later)
        assert "list deleted" in told.text
        kept = await world.store.action_requests(customer="acme")
        assert [(each.answered_by, each.answers) for each in kept] == [
            ("Sasha Loy", {"what_changed": "list deleted"}),
            ("Alex Kim", {"what_changed": "list cleaned"}),
        ]

    async def test_an_answer_to_what_was_sent_is_kept_and_changes_nothing_in_it(self, world):
        draft = await blocked(world)
        sent = await world.desk().submit(draft.id, "SRX 1")
        told = await world.remediation.keep_answer(draft.id, "pat", Said(CLEANED, "Alex Kim", Language.EN))
        assert (told.text, told.fields, told.state) == (sent.text, sent.fields, DraftState.SUBMITTED)
        _, follow_up = await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
        assert "list cleaned" in follow_up.text

    async def test_german_words_in_an_english_form_need_translation(self, world):
        draft = await blocked(world, "198.51.100.3")
        said = Said({"what_changed": "Liste bereinigt"}, "Alex Kim", Language.DE)
        told = await world.remediation.keep_answer(draft.id, "pat", said)
        assert missing(told)["what_changed"] == "the customer's words are in de: translate them before use"
        edited = await world.desk().edit(draft.id, {"text": told.text.replace("Liste bereinigt", "list cleaned")})
        assert "what_changed" not in missing(edited)

    async def test_german_words_in_a_german_form_do_not(self, world):
        await world.blocked("198.51.100.3", "t_online", "554 IP=198.51.100.3 - A problem occurred. (BL)")
        await world.after()
        draft = await world.the_draft()
        said = Said({"what_changed": "Liste bereinigt"}, "Alex Kim", Language.DE)
        told = await world.remediation.keep_answer(draft.id, "pat", said)
        assert (told.language, "Liste bereinigt" in told.text) == ("de", True)
        assert "translate" not in repr(told.missing)
