"""What comes of a request that was sent, and of drafts whose cause changes under them."""

from datetime import timedelta

import pytest

from deliverwatch.core.block import EpisodeEnd
from deliverwatch.core.errors import NotPossible
from deliverwatch.core.events import Ending
from deliverwatch.core.remediation.draft import Action, DraftState, RequestOutcome
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from remediation.world import DAY, HOUR

S3140 = (
    "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. "
    "part of their network is on our block list (S3140)."
)


async def blocked_and_sent(world, provider="microsoft_consumer"):
    episode = await world.blocked("192.0.2.10", provider, S3140)
    await world.after()
    draft = await world.the_draft()
    await world.desk().pull(draft.id)
    return episode, await world.desk().submit(draft.id, "SRX 100")


async def newest(world):
    return (await world.drafts())[0]


async def test_a_denial_is_answered_within_its_ticket_and_never_by_a_second_form(world):
    _, sent = await blocked_and_sent(world)
    answered, follow_up = await world.desk().answer(sent.id, RequestOutcome.DENIED, "not qualified for mitigation")
    assert answered.state is DraftState.ANSWERED
    assert (follow_up.letter, follow_up.channel, follow_up.follow_up_of) == (
        LetterKind.DENIED,
        FormChannel.EMAIL,
        sent.id,
    )
    assert [field.name for field in follow_up.fields] == ["reference", "text"]
    assert "SRX 100" in follow_up.text
    assert await world.after(DAY) == 0


async def test_after_the_second_denial_it_is_handed_over(world):
    _, sent = await blocked_and_sent(world)
    _, first = await world.desk().answer(sent.id, RequestOutcome.DENIED, "no")
    await world.desk().submit(first.id, "SRX 100")
    assert (await world.store.draft(sent.id)).state is DraftState.CLOSED
    denied, second = await world.desk().answer(first.id, RequestOutcome.DENIED, "no again")
    assert second is None
    assert "tier 2" in {each.check for each in denied.stands_against}
    assert await world.after(30 * DAY) == 0


async def test_more_information_quotes_what_was_asked(world):
    _, sent = await blocked_and_sent(world)
    _, follow_up = await world.desk().answer(sent.id, RequestOutcome.MORE_INFORMATION, "send a sample with headers")
    assert follow_up.letter is LetterKind.MORE_INFORMATION
    assert "send a sample with headers" in follow_up.text
    await world.desk().submit(follow_up.id, "SRX 100")
    _, again = await world.desk().answer(follow_up.id, RequestOutcome.MORE_INFORMATION, "and the list of IPs")
    assert "and the list of IPs" in again.text


async def test_silence_beyond_the_usual_time_is_asked_about_once(world):
    _, sent = await blocked_and_sent(world)
    assert sent.follow_up_at is not None
    assert await world.after(sent.follow_up_at - world.clock.now() - HOUR) == 0
    assert await world.after(2 * HOUR) == 1
    assert (await newest(world)).letter is LetterKind.NO_ANSWER
    assert await world.after(10 * DAY) == 0


async def test_who_does_not_answer_is_not_asked_about_silence(world):
    _, sent = await blocked_and_sent(world, "google")
    assert sent.follow_up_at is None
    assert await world.after(30 * DAY) == 0


async def test_granted_is_no_effect_until_mail_is_accepted(world):
    episode, sent = await blocked_and_sent(world)
    granted, follow_up = await world.desk().answer(sent.id, RequestOutcome.GRANTED, "mitigated")
    assert follow_up is None
    assert await world.after(HOUR) == 0
    assert (await world.store.draft(sent.id)).state is DraftState.ANSWERED
    assert await world.after(3 * DAY) == 1
    still = await newest(world)
    assert still.letter is LetterKind.STILL_REFUSED
    await world.accepted(episode)
    await world.after(HOUR)
    assert {draft.state for draft in await world.drafts()} == {DraftState.CLOSED}
    steps = await world.store.draft_steps(granted.id)
    assert "mail is accepted again" in steps[-1].note
    assert "12 deliveries" in steps[-1].note


async def test_nothing_found_is_answered_with_what_is_refused(world):
    _, sent = await blocked_and_sent(world)
    _, follow_up = await world.desk().answer(sent.id, RequestOutcome.NOTHING_FOUND, "nothing was detected")
    assert follow_up.letter is LetterKind.NOTHING_FOUND
    assert "S3140" in follow_up.text


async def test_a_block_that_ends_by_itself_stops_the_submission(world):
    episode = await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.after()
    draft = await world.the_draft()
    await world.desk().pull(draft.id)
    await world.accepted(episode)
    with pytest.raises(NotPossible, match=r"need not be sent: 192\.0\.2\.10: mail is accepted again"):
        await world.desk().submit(draft.id, "SRX 1")
    closed = await world.the_draft()
    assert (closed.state, closed.reference) == (DraftState.CLOSED, None)


async def test_a_block_that_ended_by_hand_closes_its_draft(world):
    episode = await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.after()
    await world.accepted(episode, EpisodeEnd.BY_HAND)
    await world.after(HOUR)
    assert "closed by hand" in (await world.the_draft()).note


async def test_a_void_listing_takes_its_draft_back(world):
    await world.listed("192.0.2.10", "psbl")
    await world.after()
    await world.ended("192.0.2.10", "psbl", Ending.VOID)
    draft = await world.the_draft()
    assert draft.state is DraftState.CLOSED
    assert "never was" in draft.note
    assert await world.after(HOUR) == 0


async def test_of_several_only_the_void_one_leaves_the_request(world):
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    other = await world.blocked("192.0.2.20", "microsoft_consumer", S3140)
    await world.after()
    await world.accepted(other)
    await world.after(2 * HOUR)
    draft = await world.the_draft()
    assert (draft.state, draft.subjects) == (DraftState.PREPARED, ("192.0.2.10",))


async def test_an_asset_that_moves_leaves_its_draft_and_what_was_said_behind(world):
    await world.blocked("198.51.100.3", "microsoft_consumer", S3140)
    await world.after()
    draft = await world.the_draft()
    await world.moved("198.51.100.0/28", "acme")
    assert await world.after(HOUR) == 1
    new, old = await world.drafts()
    assert (old.id, old.state, old.customer) == (draft.id, DraftState.CLOSED, "bravo")
    assert (new.customer, new.state) == ("acme", DraftState.PREPARED)
    assert "bravo" not in repr(new)
    assert (await world.store.draft_steps(old.id))[-1].action is Action.HANDED_OVER


async def test_an_asset_that_moves_with_a_request_under_way_is_not_asked_for_twice(world):
    await world.blocked("198.51.100.3", "microsoft_consumer", S3140)
    await world.after()
    await world.desk().submit((await world.the_draft()).id, "SRX 7")
    await world.moved("198.51.100.0/28", "acme")
    assert await world.after(HOUR) == 1
    new = await newest(world)
    assert "under way" in {each.check for each in new.stands_against}
    await world.after(timedelta(days=20))
    renewed = await world.store.draft(new.id)
    assert "under way" not in {each.check for each in renewed.stands_against}
