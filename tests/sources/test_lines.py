"""Files of lines: where a block may end, and what an open quote costs."""

import pytest

from deliverwatch.core.delivery import DeliveryEvent, Rejection
from deliverwatch.sources.giving_up import last_words
from deliverwatch.sources.lines import MOST_LINE, whole_lines, whole_rows
from deliverwatch.sources.plain_csv import SOURCE
from sources.contract import items_of

HEAD = b"at,outcome,reply\n"
ROW = b"1795687200,bounced,550 no\n"


def test_a_block_ends_with_a_line_unless_it_is_the_last_or_goes_on_for_ever():
    assert whole_lines(b"a\nb\nc", False) == 4
    assert whole_lines(b"a\nb\nc", True) == 5
    assert whole_lines(b"abc", False) == 0
    assert whole_lines(b"x" * (MOST_LINE + 1), False) == MOST_LINE + 1


def test_a_record_of_several_lines_is_not_cut():
    assert whole_rows(b'a,"b\nc",d\ne,"f\n', False) == 10
    assert whole_rows(b'a,"b\n', True) == 5


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_line_ends_and_marks_are_no_part_of_a_record(end):
    content = b"\xef\xbb\xbf" + (HEAD + ROW).replace(b"\n", end)
    (event,) = items_of(SOURCE, content)
    assert event.reply == "550 no"


def test_a_quote_that_is_not_closed_costs_its_own_line_only():
    content = HEAD + b'1795687200,bounced,"550 no\n' + ROW * 40
    assert [type(item) for item in items_of(SOURCE, content)] == [Rejection] + [DeliveryEvent] * 40
    assert whole_rows(content, False) == len(content)


def test_what_stands_behind_a_closed_quote_is_a_fault():
    items = items_of(SOURCE, HEAD + b'1795687200,bounced,"550 no"x\n' + ROW)
    assert [type(item) for item in items] == [Rejection, DeliveryEvent]


def test_bytes_that_are_no_text_are_shown_as_such():
    (event,) = items_of(SOURCE, HEAD + b"1795687200,bounced,550 \xff\xfe no\n")
    assert event.reply == "550 \ufffd\ufffd no"


def test_an_overlong_line_is_one_fault():
    items = items_of(SOURCE, HEAD + b"x" * (2 * MOST_LINE) + b"\n" + ROW)
    assert [type(item) for item in items] == [Rejection, DeliveryEvent]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("421 4.7.0 too many complaints", "421 4.7.0 too many complaints"),
        ("550 4.4.7 delivery time expired; last reply: 421 4.7.0 later", "421 4.7.0 later"),
        ("554 5.4.7 [internal] message timeout (last transfail: 451 4.7.1 later)", "451 4.7.1 later"),
        ("554 5.4.7 [internal] message timeout (last: 451 4.7.1 later (again))", "451 4.7.1 later (again)"),
        ("550 4.4.7 delivery time expired", None),
        ("gave up after 432 hours", None),
        ("", None),
    ],
)
def test_a_queue_that_gave_up_passes_on_the_receivers_last_words(text, words):
    assert last_words(text) == words
