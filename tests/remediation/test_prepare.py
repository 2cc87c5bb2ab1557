"""Which listings and blocks make a draft, to whom, and which make none."""

import pytest

from deliverwatch.core.block import EpisodeKind
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.remediation.draft import Action, DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.reply import ReplyClass
from remediation.world import DAY, HOUR

S3140 = (
    "550 5.7.1 Unfortunately, messages from [192.0.2.10] weren't sent. "
    "part of their network is on our block list (S3140)."
)


async def test_a_listing_makes_one_draft_and_the_next_round_none(world):
    await world.listed("192.0.2.10", "psbl")
    assert await world.after() == 1
    assert await world.after(HOUR) == 0
    draft = await world.the_draft()
    assert (draft.kind, draft.provider, draft.form, draft.customer) == (DraftKind.LISTING, "psbl", "psbl", "acme")
    assert (draft.subjects, draft.state) == (("192.0.2.10",), DraftState.PREPARED)
    assert "what_changed" in {each.field for each in draft.missing} or draft.channel is FormChannel.WEB_FORM


async def test_a_block_makes_one_draft_for_the_provider(world):
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    assert await world.after() == 1
    assert await world.after(HOUR) == 0
    draft = await world.the_draft()
    assert (draft.kind, draft.provider, draft.form) == (DraftKind.BLOCK, "microsoft_consumer", "microsoft_consumer")
    assert "S3140" in draft.text or any("S3140" in (field.value or "") for field in draft.fields)


async def test_one_cause_is_one_request_and_what_joins_it_goes_in(world):
    await world.listed("192.0.2.10", "mailspike-bl", ("127.0.0.10",))
    await world.listed("192.0.2.11", "mailspike-bl", ("127.0.0.10",))
    (form,) = (each for each in world.remediation.forms.forms.values() if each.id == "mailspike")
    await world.after()
    assert len(await world.drafts()) == (1 if form.most > 1 else 2)


async def test_another_address_of_the_cause_joins_the_draft_that_nobody_touched(world):
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.after()
    await world.blocked("192.0.2.11", "microsoft_consumer", S3140)
    assert await world.after(HOUR) == 0
    draft = await world.the_draft()
    assert draft.subjects == ("192.0.2.10", "192.0.2.11")
    steps = await world.store.draft_steps(draft.id)
    assert [step.action for step in steps] == [Action.PREPARED, Action.RENEWED]


async def test_customers_do_not_share_a_draft(world):
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.blocked("198.51.100.3", "microsoft_consumer", S3140)
    assert await world.after() == 2
    by_customer = {draft.customer: draft for draft in await world.drafts()}
    assert set(by_customer) == {"acme", "bravo"}
    assert "news.bravo.example" not in repr(by_customer["acme"])
    assert "news.acme.example" not in repr(by_customer["bravo"])


async def test_what_several_share_belongs_to_the_esp(world):
    await world.listed("203.0.113.2", "psbl")
    await world.after()
    draft = await world.the_draft()
    assert draft.customer is None
    assert "acme" not in repr(draft)


@pytest.mark.parametrize("kind", [EpisodeKind.THROTTLE, EpisodeKind.FINDING, EpisodeKind.WARNING])
async def test_what_is_no_block_makes_none(world, kind):
    class_ = ReplyClass.AUTH_FAILURE if kind is EpisodeKind.FINDING else ReplyClass.RATE_LIMIT
    await world.blocked("192.0.2.10", "google", "421 4.7.28 unusual rate", class_, kind=kind)
    assert await world.after() == 0
    assert await world.drafts() == []
    (why,) = await world.remediation.without_draft()
    assert why.subject == "192.0.2.10"


async def test_a_list_that_only_informs_makes_none(world):
    await world.listed("192.0.2.10", "s5h")
    assert await world.after() == 0
    (why,) = await world.remediation.without_draft()
    assert why.about == "s5h"


async def test_sbl_goes_through_the_owner_of_the_network(world):
    await world.listed("192.0.2.10", "spamhaus-zen", ("127.0.0.2", "127.0.0.3"))
    await world.after()
    draft = await world.the_draft()
    assert (draft.form, draft.to) == ("spamhaus-sbl", "abuse@esp.example")
    assert not [each for each in draft.blockers if each.check == "who asks"]


async def test_sbl_of_a_range_without_an_owner_is_blocked(world):
    await world.listed("198.51.100.3", "spamhaus-zen", ("127.0.0.2",))
    await world.after()
    draft = await world.the_draft()
    assert "who asks" in {each.check for each in draft.blockers}


async def test_a_relisting_is_a_new_draft_that_says_so(world):
    await world.listed("192.0.2.10", "psbl")
    await world.after()
    first = await world.the_draft()
    await world.desk().submit(first.id, "web form")
    world.clock.advance(HOUR)
    await world.clear("192.0.2.10", "psbl")
    await world.after(3 * HOUR)
    assert (await world.the_draft()).state is DraftState.CLOSED
    world.clock.advance(5 * DAY)
    await world.listed("192.0.2.10", "psbl")
    assert await world.after() == 1
    again = (await world.drafts())[0]
    assert again.id != first.id
    assert "web form" in again.facts["earlier"]


async def test_a_whole_network_is_one_request(world):
    for number in range(40):
        await world.listed(f"192.0.2.{number}", "spamhaus-zen", ("127.0.0.2",))
    assert await world.after() == 1
    draft = await world.the_draft()
    assert draft.subjects == ("192.0.2.0/27", "192.0.2.32/29")
    assert len(draft.episodes) == 40


async def test_a_block_that_nobody_saw_for_a_day_may_be_over(world):
    await world.blocked("192.0.2.10", "microsoft_consumer", S3140)
    await world.after()
    assert "still there" not in {each.check for each in (await world.the_draft()).blockers}
    await world.after(2 * DAY)
    assert "still there" in {each.check for each in (await world.the_draft()).blockers}


def checked(check, subject, found, at):
    return CheckResult(check, subject, CheckOutcome.PASS, found, at, "a look")


async def test_only_what_was_checked_of_the_listed_itself_gets_in(world):
    now = world.clock.now()
    results = [
        checked(Check.SPF, "news.acme.example", "SPF of news.acme.example: allows 192.0.2.10", now),
        checked(Check.SPF, "shop.acme.example", "SPF of shop.acme.example: allows 192.0.2.60", now),
        checked(Check.HELO, "mta.acme-mta.example", "the HELO name mta.acme-mta.example leads to 192.0.2.60", now),
        checked(Check.PTR, "192.0.2.60", "192.0.2.60 has the reverse name mta.acme-mta.example", now),
    ]
    await world.store.keep_practice("acme", results, [], complete=True)
    await world.listed("192.0.2.10", "mailspike-bl", ("127.0.0.10",))
    await world.listed("news.acme.example", "uribl-multi", ("127.0.0.2",))
    await world.after()
    by_list = {draft.provider: draft for draft in await world.drafts()}
    of_address = [each.what for each in by_list["mailspike-bl"].evidence if " pass: " in each.what]
    of_domain = [each.what for each in by_list["uribl-multi"].evidence if " pass: " in each.what]
    assert [each.partition(" ")[0] for each in of_address] == ["spf", "helo"]
    assert [each.partition(" ")[0] for each in of_domain] == ["spf"]
    assert "acme-mta" not in by_list["mailspike-bl"].facts.get("verified", "") + by_list["mailspike-bl"].text
