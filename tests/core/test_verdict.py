"""What is said of a subject that was asked for under several names."""

from datetime import timedelta

import pytest

from deliverwatch.core.verdict import NOT_LISTED, Answer, Reply, joined

SHORT, LONG = timedelta(minutes=1), timedelta(hours=1)
HOST = Answer(Reply.ANSWER, ("127.0.0.2", "127.0.0.3"), LONG)
DOMAIN = Answer(Reply.ANSWER, ("127.0.0.3", "127.0.0.4"), SHORT)
SILENCE = Answer(Reply.TIMEOUT)
STOPPED = Answer(Reply.ANSWER, ("127.255.255.254",), LONG, asked=False)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([HOST], HOST),
        ([HOST, NOT_LISTED], HOST),
        ([SILENCE, HOST], HOST),
        ([HOST, DOMAIN], Answer(Reply.ANSWER, ("127.0.0.2", "127.0.0.3", "127.0.0.4"), SHORT)),
        ([NOT_LISTED, SILENCE], SILENCE),
        ([Answer(Reply.REFUSED), SILENCE], Answer(Reply.REFUSED)),
        ([HOST, STOPPED], HOST),
        ([NOT_LISTED, STOPPED], STOPPED),
        ([Answer(Reply.ANSWER, ("why",)), NOT_LISTED], Answer(Reply.ANSWER, ("why",))),
    ],
)
def test_a_listing_counts_under_any_name_and_no_silence_is_clear(answers, expected):
    assert joined(answers) == expected


def test_not_listed_under_all_names_is_the_one_answer_that_says_so():
    assert joined([NOT_LISTED, Answer(Reply.NXDOMAIN)]) is NOT_LISTED
