"""Whose draft it is, what was sent of it, and what of one holder never reaches the next."""

import pytest

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.inventory import Language
from deliverwatch.core.remediation.customer_word import Said
from deliverwatch.core.remediation.draft import Action, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FollowUpWay, LetterKind
from deliverwatch.core.subjects import SubjectKind
from deliverwatch.core.zone_health import Health, ZoneState
from remediation.world import DAY, HOUR, NOON

S3140 = (
    "550 5.7.1 Unfortunately, messages from [198.51.100.3] weren't sent. "
    "part of their network is on our block list (S3140)."
)
CLEANED = Said({"what_changed": "Bravo cleaned its list"}, "B. Bravo", Language.EN)


async def of_bravo(world, provider="microsoft_consumer"):
    await world.blocked("198.51.100.3", provider, S3140)
    await world.after()
    return await world.the_draft()


async def test_a_draft_of_somebody_elses_asset_cannot_be_pulled(world):
    draft = await of_bravo(world)
    await world.remediation.keep_answer(draft.id, "pat", CLEANED)
    await world.moved("198.51.100.0/28", "acme")
    with pytest.raises(NotPossible, match="held by somebody else now"):
        await world.desk().pull(draft.id)
    assert await world.after(HOUR) == 1
    new = (await world.drafts())[0]
    assert new.customer == "acme"
    assert "Bravo" not in repr(new)


async def test_what_was_refused_of_an_earlier_holder_is_not_told_to_the_next(world):
    await of_bravo(world)
    await world.moved("198.51.100.0/28", "acme")
    world.clock.advance(DAY)
    await world.after()
    new = (await world.drafts())[0]
    assert S3140 not in repr(new)
    assert "replies" in {each.field for each in new.missing}
    assert any("before its holder of now" in each.what for each in new.evidence)


async def test_nobody_is_asked_about_what_they_do_not_hold_any_more(world):
    draft = await of_bravo(world)
    await world.moved("198.51.100.0/28", "acme")
    with pytest.raises(NotPossible, match="former holder"):
        await world.remediation.ask_customer(draft.id, "pat")
    with pytest.raises(NotPossible, match="former holder"):
        await world.remediation.keep_answer(draft.id, "pat", CLEANED)


async def test_what_was_sent_before_the_move_was_known_is_recorded_and_closed(world):
    draft = await of_bravo(world)
    await world.desk().pull(draft.id)
    await world.moved("198.51.100.0/28", "acme")
    sent = await world.desk().submit(draft.id, "Bravo GmbH TICKET-77")
    assert (sent.state, sent.reference) == (DraftState.CLOSED, "Bravo GmbH TICKET-77")
    assert await world.after(HOUR) == 1
    new = (await world.drafts())[0]
    assert "under way" in {each.check for each in new.stands_against}
    assert "TICKET-77" not in repr(new)


async def test_of_a_request_for_several_the_rest_is_not_asked_for_again(world):
    for last in (1, 2):
        await world.blocked(f"198.51.100.{last}", "microsoft_consumer", S3140)
    await world.blocked("198.51.100.3", "microsoft_consumer", S3140)
    await world.after()
    await world.desk().submit((await world.the_draft()).id, "SRX 1")
    await world.moved_one("198.51.100.3", "acme")
    await world.after(HOUR)
    fresh = [each for each in await world.drafts() if each.state is DraftState.PREPARED]
    assert {each.customer for each in fresh} == {"acme", "bravo"}
    assert all("under way" in {b.check for b in each.stands_against} for each in fresh)


async def test_what_is_kept_as_sent_is_what_this_person_pulled(world):
    draft = await of_bravo(world)
    pulled = await world.desk("pat").pull(draft.id)
    await world.desk("kim").edit(draft.id, {"text": "Kim's words"})
    await world.desk("pat").submit(draft.id, "SRX 1")
    step = (await world.store.draft_steps(draft.id))[-1]
    assert (step.facts["text"], step.facts["changed_since"]) == (pulled.text, True)


async def test_an_answer_after_a_question_about_silence_has_its_own_follow_up(world):
    draft = await of_bravo(world)
    sent = await world.desk().submit(draft.id, "SRX 1")
    assert await world.after(sent.follow_up_at - world.clock.now() + HOUR) == 1
    asking = (await world.drafts())[0]
    assert asking.letter is LetterKind.NO_ANSWER
    _, follow_up = await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
    assert follow_up.letter is LetterKind.DENIED
    assert (await world.store.draft(asking.id)).state is DraftState.CLOSED


async def test_an_answer_put_right_takes_its_follow_up_back(world):
    draft = await of_bravo(world)
    await world.desk().submit(draft.id, "SRX 1")
    _, denied = await world.desk().answer(draft.id, RequestOutcome.DENIED, "no")
    _, none = await world.desk().answer(draft.id, RequestOutcome.GRANTED, "mitigated, sorry")
    assert none is None
    assert (await world.store.draft(denied.id)).state is DraftState.CLOSED


async def test_silence_about_a_question_is_not_asked_about(world):
    draft = await of_bravo(world)
    sent = await world.desk().submit(draft.id, "SRX 1")
    await world.after(sent.follow_up_at - world.clock.now() + HOUR)
    asking = (await world.drafts())[0]
    again = await world.desk().submit(asking.id, "SRX 1")
    assert await world.after((again.follow_up_at or world.clock.now()) - world.clock.now() + 30 * DAY) == 0


async def test_an_answer_that_comes_after_the_end_is_kept(world):
    episode = await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.after()
    draft = await world.the_draft()
    await world.desk().submit(draft.id, "SRX 1")
    await world.accepted(episode)
    await world.after(HOUR)
    late, none = await world.desk().answer(draft.id, RequestOutcome.GRANTED, "mitigated")
    assert (late.state, late.outcome, none) == (DraftState.CLOSED, RequestOutcome.GRANTED, None)


async def test_a_request_through_the_owner_of_the_network_is_followed_up_by_them(world):
    await world.listed("198.51.100.3", "spamhaus-zen", ("127.0.0.2",))
    await world.after()
    draft = await world.the_draft()
    await world.desk().submit(draft.id, "by mail")
    _, follow_up = await world.desk().answer(draft.id, RequestOutcome.DENIED, "not yet")
    form = world.remediation.forms.form(draft.form)
    assert form.way_of(LetterKind.DENIED) is FollowUpWay.TICKET
    assert follow_up.to == "abuse@esp.example"
    assert "who asks" in {each.check for each in follow_up.blockers}


async def test_a_list_that_cannot_be_believed_stands_against_a_draft_that_waits(world):
    await world.listed("192.0.2.10", "psbl")
    await world.after()
    draft = await world.the_draft()
    ill = ZoneState(Health.QUARANTINED, since=NOON, bad_rounds=2, bad_kinds=frozenset({SubjectKind.IPV4}))
    await world.told_of_health("psbl", ill)
    pulled = await world.desk().pull(draft.id)
    assert "doubt" in {each.check for each in pulled.stands_against}


async def test_another_kind_that_cannot_be_believed_holds_no_draft_up(world):
    await world.listed("192.0.2.10", "psbl")
    ill = ZoneState(Health.QUARANTINED, since=NOON, bad_rounds=2, bad_kinds=frozenset({SubjectKind.IPV6}))
    await world.told_of_health("psbl", ill)
    assert await world.after() == 1


async def test_the_later_answer_of_a_customer_is_the_one_that_counts(world):
    draft = await of_bravo(world)
    for words in ("first", "second"):
        said = Said({"what_changed": words}, "B. Bravo", Language.EN)
        world.clock.advance(HOUR)
        told = await world.remediation.keep_answer(draft.id, "pat", said)
    assert told.facts["what_changed"] == "second"
    await world.after(2 * HOUR)
    assert (await world.the_draft()).facts["what_changed"] == "second"


async def test_what_was_put_aside_by_a_person_is_named_as_such(world):
    draft = await of_bravo(world)
    await world.desk().close(draft.id, "handled by phone")
    assert await world.after(DAY) == 0
    (why,) = await world.remediation.without_draft()
    assert "handled by phone" in why.why


async def test_an_overruled_check_stays_so_while_its_figures_move(world):
    draft = await of_bravo(world)
    world.clock.advance(3 * DAY)
    await world.remediation.renew()
    await world.desk().overrule(draft.id, "still there", "seen by hand")
    world.clock.advance(DAY)
    await world.remediation.renew()
    (blocker,) = [each for each in (await world.the_draft()).blockers if each.check == "still there"]
    assert blocker.overruled_because == "seen by hand"


async def test_steps_of_one_draft_keep_their_order_when_the_clock_goes_back(world):
    draft = await of_bravo(world)
    await world.desk().pull(draft.id)
    world.clock.advance(-2 * HOUR)
    await world.desk().submit(draft.id, "SRX 1")
    steps = await world.store.draft_steps(draft.id)
    assert [step.action for step in steps] == [Action.PREPARED, Action.PULLED, Action.SUBMITTED]
    assert steps == sorted(steps, key=lambda step: step.at)


async def test_an_edit_over_what_somebody_else_wrote_is_refused_whatever_was_done_in_between(world):
    draft = await of_bravo(world)
    await world.desk("pat").pull(draft.id)
    await world.desk("kim").edit(draft.id, {"text": "Kim's words"})
    await world.desk("pat").link(draft.id, "https://desk.esp.example/1")
    with pytest.raises(NotPossible, match="Kim's words"):
        await world.desk("pat").edit(draft.id, {"text": "Pat's words"})
