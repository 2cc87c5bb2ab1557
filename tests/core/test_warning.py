"""Early warnings: from the first bad day on, to enough good ones, and never ended by silence."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.block import EpisodeEnd, EpisodeKind
from deliverwatch.core.delivery import Signal, SignalName
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.warning import warnings
from deliverwatch.core.warning_counts import SenderDay

FIRST = date(2026, 11, 1)
IP, DOMAIN = "192.0.2.10", "shop.example"


def on(number):
    return FIRST + timedelta(days=number)


def at(number):
    return datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=number)


def colour(number, text, ip=IP):
    return Signal(SignalName.SNDS_COLOUR, "microsoft_consumer", ip, on(number), text=text)


def spam(number, value):
    return Signal(SignalName.SPAM_RATE, "google", DOMAIN, on(number), value)


def day(number, attempted, **counts):
    return SenderDay("yahoo", parse_subject(IP), on(number), attempted, **counts)


def level(found):
    return [each.evidence["level"].value for each in found]


def test_a_bad_colour_warns_and_two_good_days_end_it():
    (found,) = warnings(
        [colour(0, "yellow"), colour(1, "green"), colour(2, "red"), colour(3, "green"), colour(4, "green")], []
    )
    assert (found.kind, found.what, found.provider) == (EpisodeKind.WARNING, "snds_colour", "microsoft_consumer")
    assert (found.opened_at, found.last_seen_at, found.closed_at) == (at(0), at(3), at(5))
    assert found.ended is EpisodeEnd.MENDED
    assert found.evidence["urgent"]
    assert found.evidence["days"] == [{"on": "2026-11-01", "text": "yellow"}, {"on": "2026-11-03", "text": "red"}]


def test_days_without_a_figure_end_nothing_and_no_data_is_no_good_day():
    assert warnings([colour(0, "red")], [])[0].closed_at is None
    signals = [spam(0, 0.004), *(spam(number, None) for number in range(1, 20))]
    assert warnings(signals, [])[0].closed_at is None


def test_the_marks_of_a_spam_rate_and_seven_days_below():
    assert warnings([spam(0, 0.0009)], []) == []
    assert level(warnings([spam(0, 0.001)], [])) == ["notice"]
    assert level(warnings([spam(0, 0.003)], [])) == ["urgent"]
    six = [spam(0, 0.003), *(spam(number, 0.0) for number in range(1, 7))]
    assert warnings(six, [])[0].closed_at is None
    assert warnings([*six, spam(7, 0.0)], [])[0].closed_at == at(8)


@pytest.mark.parametrize(
    ("name", "value", "text", "detail", "expected"),
    [
        (SignalName.SNDS_TRAP_HITS, 0.0, None, "", []),
        (SignalName.SNDS_TRAP_HITS, 1.0, None, "", ["notice"]),
        (SignalName.SNDS_COMPLAINT_RATIO, 0.001, "< 0.1%", "", []),
        (SignalName.SNDS_COMPLAINT_RATIO, 0.003, "< 0.3%", "", ["notice"]),
        (SignalName.SNDS_COMPLAINT_RATIO, 0.003, "0.3%", "", ["urgent"]),
        (SignalName.SNDS_COMPLAINT_RATIO, 0.05, "> 5%", "", ["urgent"]),
        (SignalName.SNDS_BLOCKED, None, None, "", ["urgent"]),
        (SignalName.DELIVERY_ERROR_RATIO, 0.02, None, "reject: low_ip_reputation", ["notice"]),
        (SignalName.DELIVERY_ERROR_RATIO, 0.5, None, "reject: other", []),
        (SignalName.COMPLIANCE, None, "needs_work", "dmarc_policy", ["notice"]),
        (SignalName.COMPLIANCE, None, "compliant", "dmarc_policy", []),
        (SignalName.AUTH_SUCCESS_RATIO, 0.1, None, "spf", []),
    ],
)
def test_from_where_on_each_figure_warns(name, value, text, detail, expected):
    assert level(warnings([Signal(name, "any", DOMAIN, FIRST, value, text, detail)], [])) == expected


def test_an_address_is_not_blocked_any_more_when_it_has_colours_again():
    blocked = [Signal(SignalName.SNDS_BLOCKED, "microsoft_consumer", IP, on(0), text="user complaints")]
    assert warnings(blocked, [])[0].closed_at is None
    again = [*blocked, colour(0, "green"), colour(1, "green"), colour(2, "green")]
    assert [each.closed_at for each in warnings(again, [])] == [at(3)]


def test_of_a_blocked_range_only_our_own_are_warned_of():
    blocked = [Signal(SignalName.SNDS_BLOCKED, "microsoft_consumer", "198.51.0.0-198.51.255.255", on(0))]
    ours = [parse_subject(text) for text in ("198.51.100.7", "192.0.2.1", "2001:db8::1", "shop.example")]
    assert [each.subject.value for each in warnings(blocked, [], ours)] == ["198.51.100.7"]


def test_a_subject_that_is_none_is_passed_over_and_a_domain_with_a_dash_is_one():
    odd = [colour(0, "red", "not a subject"), colour(0, "red", "1.2.3.4-nonsense"), colour(0, "red", "my-shop.example")]
    assert [each.subject.value for each in warnings(odd, [])] == ["my-shop.example"]


def test_complaints_of_few_warn_only_when_their_interval_does():
    assert warnings([], [day(0, 500, delivered=500, complaints=1)]) == []
    assert level(warnings([], [day(0, 10_000, delivered=10_000, complaints=20)])) == ["notice"]
    assert level(warnings([], [day(0, 10_000, delivered=10_000, complaints=60)])) == ["urgent"]
    assert warnings([], [day(0, 10_000, delivered=10_000), day(1, 10_000, complaints=60)]) == []


def deferring(*shares):
    return [day(number, 1000, deferred=round(1000 * share)) for number, share in enumerate(shares)]


def test_deferrals_warn_when_they_rise_against_the_week_before():
    (found,) = warnings([], deferring(*[0.03] * 7, 0.20))
    assert (found.what, found.opened_at, found.closed_at) == ("deferrals", at(7), None)
    assert found.evidence["days"][0]["deferred"] == 200
    assert warnings([], deferring(*[0.20] * 10)) == []
    assert warnings([], deferring(*[0.0] * 7, 0.04)) == []


def test_deferrals_that_stay_high_do_not_become_usual():
    (found,) = warnings([], deferring(*[0.03] * 7, *[0.20] * 14))
    assert (found.last_seen_at, found.closed_at) == (at(21), None)
    (found,) = warnings([], deferring(*[0.03] * 7, *[0.20] * 14, 0.03, 0.20, 0.03, 0.03))
    assert (found.last_seen_at, found.closed_at) == (at(23), at(25))


def test_too_little_mail_is_not_compared():
    few = [day(7, 99, deferred=99)]
    assert warnings([], [*deferring(*[0.03] * 7), *few]) == []
    assert warnings([], [day(0, 99, deferred=1), day(1, 1000, deferred=900)]) == []


def test_what_was_told_before_can_be_left_out():
    signals = [colour(0, "red"), colour(1, "green"), colour(2, "green"), colour(5, "red")]
    assert [each.opened_at for each in warnings(signals, [])] == [at(0), at(5)]
    assert [each.opened_at for each in warnings(signals, [], after=at(3))] == [at(5)]


@given(
    st.lists(st.sampled_from(["green", "yellow", "red", None]), max_size=12).flatmap(
        lambda colours: st.tuples(st.just(colours), st.permutations(range(len(colours))))
    )
)
def test_the_order_of_arrival_does_not_matter_and_only_good_days_end(drawn):
    colours, order = drawn
    signals = [colour(number, text) for number, text in enumerate(colours)]
    found = warnings(signals, [])
    assert found == warnings([signals[number] for number in order], [])
    for each in found:
        assert (each.closed_at is None) or colours[(each.closed_at - at(1)).days] == "green"
    assert sum(each.closed_at is None for each in found) <= 1
