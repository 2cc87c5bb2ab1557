"""Whether a From domain can align, by the inventory."""

import pytest

from deliverwatch.core.practice import CheckOutcome
from deliverwatch.core.practice_alignment import alignments
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from samples import NOON


def organisational(name):
    return ".".join(name.split(".")[-2:])


def judge(dkim=(), envelope=()):
    scope = PracticeScope(
        "acme", (), frozenset(), frozenset(), ("news.acme.example",), envelope_domains=envelope, dkim_domains=dkim
    )
    (result,) = alignments(scope, organisational, NOON)
    return result


@pytest.mark.parametrize(
    ("dkim", "envelope", "words"),
    [
        (("acme.example",), (), "DKIM d=acme.example"),
        (("esp.example",), ("bounce.acme.example",), "the envelope domain bounce.acme.example"),
        (("acme.example",), ("acme.example",), "DKIM d=acme.example and the envelope domain acme.example"),
    ],
)
def test_by_either_way_or_both(dkim, envelope, words):
    result = judge(dkim, envelope)
    assert (result.outcome, result.found) == (CheckOutcome.PASS, f"mail from news.acme.example can align with {words}")


def test_by_none():
    result = judge(("esp.example",), ("bounce.esp.example", "xacme.example"))
    assert (result.outcome, result.problem) == (CheckOutcome.FAIL, Problem.NOT_ALIGNED)
    assert result.facts["others"] == "esp.example, bounce.esp.example, xacme.example"


def test_what_is_not_recorded_is_unknown():
    assert judge().outcome is CheckOutcome.UNKNOWN
