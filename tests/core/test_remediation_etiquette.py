"""How often, and when, an addressee is asked."""

from dataclasses import replace

import pytest

from core.remediation_samples import DAY, HOUR, NOW, blocked, draft_of, episode, form, listed, listing, sent
from deliverwatch.core.remediation.draft import DraftState, RequestOutcome
from deliverwatch.core.remediation.etiquette import etiquette, is_about
from deliverwatch.core.remediation.form import FollowUpWay, LetterKind, Quota, QuotaPer, SelfExpiry
from deliverwatch.core.subjects import parse_subject

PLAIN = form()
MINUTE = HOUR / 60


def speaks(case, letter=LetterKind.REQUEST, way=FollowUpWay.AGAIN):
    return {each.check: each for each in etiquette(case, letter, way)}


def after(earlier, form_=PLAIN, *listings, **changes):
    return listed(form_, *(listings or (listing(opened_at=NOW - HOUR),)), earlier=(earlier,), **changes)


def test_nothing_speaks_against_a_first_request():
    assert speaks(listed(form(again_after=DAY, quota=Quota(1, DAY)))) == {}


@pytest.mark.parametrize(
    ("state", "outcome", "lies"),
    [
        (DraftState.SUBMITTED, None, True),
        (DraftState.ANSWERED, RequestOutcome.MORE_INFORMATION, True),
        (DraftState.ANSWERED, RequestOutcome.GRANTED, False),
        (DraftState.ANSWERED, RequestOutcome.DENIED, False),
        (DraftState.ANSWERED, RequestOutcome.NOTHING_FOUND, False),
        (DraftState.CLOSED, None, False),
        (DraftState.CLOSED, RequestOutcome.GRANTED, False),
    ],
)
def test_what_lies_with_the_addressee_is_not_asked_again(state, outcome, lies):
    earlier = sent(listed(PLAIN), state=state, outcome=outcome)
    found = speaks(after(earlier))
    assert set(found) == ({"under way"} if lies else set())
    if lies:
        assert found["under way"].found == (
            "Sample list was asked about it on 2026-11-23 12:00 UTC (d-earlier, reference #7)"
        )


def test_a_draft_that_was_never_sent_is_not_under_way():
    earlier = replace(draft_of(listed(PLAIN)), id="d-earlier", state=DraftState.CLOSED)
    assert speaks(after(earlier, PLAIN, listing())) == {}


@pytest.mark.parametrize(("days", "lies"), [(1, True), (13, True), (14, False)])
def test_what_was_left_with_its_asset_lies_there_for_two_weeks(days, lies):
    same = listing(opened_at=NOW - 20 * DAY)
    earlier = sent(listed(PLAIN, same), NOW - days * DAY, DraftState.CLOSED)
    assert ("under way" in speaks(after(earlier, PLAIN, same))) is lies


def test_another_address_is_another_request():
    earlier = sent(listed(form(again_after=DAY), listing("192.0.2.99")))
    assert speaks(after(earlier, form(again_after=2 * DAY))) == {}


def test_a_request_for_a_range_is_about_its_addresses():
    many = [listing(f"192.0.2.{number}") for number in range(32)]
    earlier = sent(listed(form(most=32), *many))
    assert earlier.subjects == ("192.0.2.0/27",)
    assert "under way" in speaks(after(earlier))
    assert speaks(after(earlier, PLAIN, listing("192.0.2.32"))) == {}
    assert not is_about(earlier, [parse_subject("2001:db8::1"), parse_subject("news.acme.example")])
    domain = replace(earlier, subjects=("news.acme.example",))
    assert is_about(domain, [parse_subject("news.acme.example")])


@pytest.mark.parametrize(
    ("gap_for", "words"), [(2 * DAY, "2 days"), (36 * HOUR, "36 hours"), (DAY + MINUTE, "1441 minutes")]
)
def test_an_addressee_wants_time_between_two(gap_for, words):
    earlier = sent(listed(PLAIN), NOW - DAY, DraftState.CLOSED, outcome=RequestOutcome.GRANTED)
    found = speaks(after(earlier, form(again_after=gap_for)))["too soon"]
    assert found.found == f"the last request for it was on 2026-11-23 12:00 UTC; Sample list wants {words} between"
    assert found.fix == f"not before {NOW - DAY + gap_for:%Y-%m-%d %H:%M} UTC"


def test_after_that_time_it_may_be_asked():
    earlier = sent(listed(PLAIN), NOW - DAY, DraftState.CLOSED, outcome=RequestOutcome.GRANTED)
    assert speaks(after(earlier, form(again_after=DAY))) == {}


def test_the_last_of_several_counts():
    granted = {"state": DraftState.CLOSED, "outcome": RequestOutcome.GRANTED}
    first = sent(listed(PLAIN), NOW - 9 * DAY, **granted)
    last = replace(sent(listed(PLAIN), NOW - 2 * HOUR, **granted), id="d-last")
    case = listed(form(again_after=DAY), listing(opened_at=NOW - HOUR), earlier=(first, last), others=(last,))
    assert speaks(case)["too soon"].fix == "not before 2026-11-25 10:00 UTC"


def answered(number, hours, subject="192.0.2.10"):
    earlier = sent(
        listed(PLAIN, listing(subject)), NOW - hours * HOUR, DraftState.CLOSED, outcome=RequestOutcome.GRANTED
    )
    return replace(earlier, id=f"d-{number}")


def test_no_more_than_an_addressee_takes_for_a_subject():
    three = tuple(answered(number, hours) for number, hours in enumerate((1, 20, 30)))
    case = listed(form(quota=Quota(3, 2 * DAY)), listing(opened_at=NOW - HOUR), earlier=three, others=three)
    found = speaks(case)["too many"]
    assert found.found == "3 requests within 2 days; Sample list takes 3"
    assert found.fix == "not before 2026-11-25 06:00 UTC"  # when the oldest of the three is two days old
    assert speaks(replace(case, earlier=three[:2], others=())) == {}
    assert speaks(replace(case, subjects=(parse_subject("192.0.2.77"),))) == {}


def test_what_has_run_out_does_not_count():
    two = (answered(1, 1), answered(2, 24))
    case = listed(form(quota=Quota(2, DAY)), listing(opened_at=NOW - HOUR), earlier=two)
    assert speaks(case) == {}


def test_of_more_than_it_takes_so_many_must_run_out():
    four = tuple(answered(number, hours) for number, hours in enumerate((1, 5, 10, 20)))
    case = listed(form(quota=Quota(2, DAY)), listing(opened_at=NOW - HOUR), earlier=four)
    assert speaks(case)["too many"].fix == "not before 2026-11-25 07:00 UTC"


def test_an_addressee_sees_one_esp():
    others = tuple(answered(number, number, f"198.51.100.{number}") for number in (1, 2))
    case = listed(form(quota=Quota(2, DAY, QuotaPer.ADDRESSEE)), listing(opened_at=NOW - HOUR), others=others)
    assert "too many" in speaks(case)
    assert speaks(replace(case, addressee=listed(form(quota=Quota(2, DAY))).addressee)) == {}


def test_what_ends_by_itself_soon_is_waited_for():
    short = form(expires=SelfExpiry("ends by itself after two hours", 2 * HOUR))
    waiting = speaks(listed(short, listing(opened_at=NOW - HOUR)))["wait"]
    assert waiting.found == "waiting is quicker than asking. Expiry: ends by itself after two hours"
    assert waiting.fix == "stop the cause and wait: not before 2026-11-24 13:00 UTC"
    assert speaks(listed(short, listing(opened_at=NOW - 2 * HOUR))) == {}


def test_each_refusal_starts_the_wait_anew():
    short = form(expires=SelfExpiry("ends by itself after two hours", 2 * HOUR))
    assert "wait" in speaks(blocked(short, episode(opened_at=NOW - 9 * DAY, last_seen_at=NOW - HOUR)))
    assert speaks(blocked(short, episode(opened_at=NOW - 9 * DAY, last_seen_at=NOW - 2 * HOUR))) == {}


def test_an_end_without_a_figure_holds_nothing_up():
    assert speaks(listed(form(expires=SelfExpiry("some day")), listing(opened_at=NOW))) == {}


def test_an_answer_in_their_ticket_needs_no_waiting():
    strict = form(again_after=DAY, quota=Quota(1, DAY), expires=SelfExpiry("soon", 9 * DAY))
    followed = sent(listed(strict), NOW - HOUR, DraftState.ANSWERED, outcome=RequestOutcome.DENIED)
    case = listed(strict, follows=followed)
    for way in (FollowUpWay.TICKET, FollowUpWay.EMAIL):
        assert speaks(case, LetterKind.DENIED, way) == {}


def test_a_follow_up_through_the_form_again_counts_like_any_request():
    strict = form(again_after=DAY, quota=Quota(1, DAY), expires=SelfExpiry("soon", 9 * DAY))
    followed = sent(listed(strict), NOW - HOUR, DraftState.ANSWERED, outcome=RequestOutcome.DENIED)
    assert set(speaks(listed(strict, follows=followed), LetterKind.DENIED)) == {"too soon", "too many"}
    long_ago = replace(followed, submitted_at=NOW - 2 * DAY)
    assert speaks(listed(strict, follows=long_ago), LetterKind.DENIED) == {}
