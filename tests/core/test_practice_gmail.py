"""Gmail's seven days in a row: known, and below, every one of them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from deliverwatch.core.delivery import Signal, SignalName
from deliverwatch.core.practice import CheckOutcome
from deliverwatch.core.practice_gmail import spam_rates
from deliverwatch.core.practice_policy import POLICY
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope

AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY, DOMAIN = AT.date(), "news.acme.example"
SCOPE = PracticeScope("acme", (), frozenset(), frozenset({DOMAIN}), (DOMAIN, "esp.example"))
PASS, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN


def told(rates, domain=DOMAIN, provider="google", name=SignalName.SPAM_RATE):
    """`rates`: by days before today."""
    return [Signal(name, provider, domain, TODAY - timedelta(days=ago), value) for ago, value in rates.items()]


def judge(signals):
    (result,) = spam_rates(signals, SCOPE, AT, POLICY)
    return result


@pytest.mark.parametrize("late", [0, 1, 2, 3])
def test_seven_known_days_below_pass_even_if_google_is_late(late):
    result = judge(told({ago: 0.0029 for ago in range(late, late + 7)}))
    assert (result.outcome, result.subject) == (PASS, DOMAIN)
    assert "7 days below 0.30%, highest 0.29%" in result.found


def test_longer_silence_ends_the_proof():
    result = judge(told({ago: 0.001 for ago in range(4, 12)}))
    assert result.outcome is UNKNOWN
    assert "not known: 2026-11-21, 2026-11-22, 2026-11-23" in result.found


def test_a_day_without_data_breaks_the_proof_and_is_named():
    result = judge(told({ago: (None if ago == 4 else 0.001) for ago in range(1, 8)}))
    assert (result.outcome, result.found.endswith("; not known: 2026-11-20")) == (UNKNOWN, True)


def test_six_days_are_not_seven():
    assert judge(told({ago: 0.001 for ago in range(1, 7)})).outcome is UNKNOWN


@pytest.mark.parametrize("others", [0.001, None])
def test_one_known_day_at_the_limit_fails_whatever_the_others(others):
    result = judge(told({ago: (0.003 if ago == 7 else others) for ago in range(1, 8)} | {1: 0.001}))
    assert (result.outcome, result.problem) == (FAIL, Problem.GMAIL_SPAM_HIGH)
    assert result.facts == {"domain": DOMAIN, "days": "2026-11-17"}


def test_a_bad_day_before_the_seven_is_over():
    assert judge(told({ago: (0.01 if ago == 8 else 0.001) for ago in range(1, 9)})).outcome is PASS


def test_of_two_figures_of_a_day_the_worse_counts():
    twice = [*told({ago: 0.001 for ago in range(1, 8)}), *told({3: 0.004}), *told({3: 0.001})]
    assert judge(twice).outcome is FAIL


@pytest.mark.parametrize(
    "signals",
    [
        [],
        told({1: None}),
        told({1: 0.5}, provider="yahoo"),
        told({1: 0.5}, name=SignalName.DELIVERY_ERROR_RATIO),
        told({1: 0.5}, domain="bravo.example"),
        told({1: 0.5}, domain="esp.example"),
    ],
)
def test_no_figure_of_a_domain_of_their_own_is_unknown(signals):
    result = judge(signals)
    assert (result.outcome, result.subject) == (UNKNOWN, "")


def test_figures_of_tomorrow_say_nothing_of_today():
    ahead = Signal(SignalName.SPAM_RATE, "google", DOMAIN, date(2027, 1, 1), 0.001)
    assert judge([ahead, *told({ago: 0.001 for ago in range(1, 8)})]).outcome is PASS
