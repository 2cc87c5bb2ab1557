"""What raw values of a draft are called where people read them."""

from dataclasses import replace

import pytest

from deliverwatch.core.remediation.draft import Blocker
from deliverwatch.core.remediation.form import FormChannel, LetterKind
from deliverwatch.render.draft_words import (
    CHANNELS,
    LETTERS,
    asset_of,
    blocker_words,
    field_words,
    named_briefly,
    named_in_order,
    sentence,
)
from render.drafts_out import MAIL


def test_every_letter_and_channel_has_words_and_none_reads_as_the_fate_of_the_draft():
    assert set(LETTERS) == set(LetterKind)
    assert set(CHANNELS) == set(FormChannel)
    assert not set(LETTERS.values()) & {"denied", "nothing found", "no answer"}
    assert not [words for words in (*LETTERS.values(), *CHANNELS.values()) if "_" in words]


def test_addresses_are_in_the_order_of_their_numbers():
    names = ("news.acme.example", "192.0.2.100", "2001:db8::1", "192.0.2.9", "198.51.100.0/28")
    in_order = ["192.0.2.9", "192.0.2.100", "198.51.100.0/28", "2001:db8::1", "news.acme.example"]
    assert named_in_order(names) == in_order


@pytest.mark.parametrize(
    ("subjects", "words"),
    [
        (("192.0.2.9", "192.0.2.8"), "192.0.2.8/31"),
        (("192.0.2.100", "192.0.2.9", "news.acme.example"), "192.0.2.9, 192.0.2.100, news.acme.example"),
        (tuple(f"192.0.2.{number}" for number in range(0, 16, 2)), "8 addresses"),
        (("192.0.2.0/27", "192.0.2.64", "192.0.2.66", "192.0.2.68"), "35 addresses"),
        (("192.0.2.0", "192.0.2.2", "192.0.2.4", "a.example", "b.example"), "3 addresses and 2 domains"),
        (("a.example", "b.example", "c.example", "d.example"), "4 domains"),
    ],
)
def test_many_are_named_as_ranges_or_counted(subjects, words):
    assert named_briefly(subjects) == words


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("stop the cause and wait", "Stop the cause and wait."),
        ("news.acme.example: none", "news.acme.example: none."),
        ("192.0.2.10 has no reverse name.", "192.0.2.10 has no reverse name."),
        ("desk@mail.example is a freemail address", "desk@mail.example is a freemail address."),
    ],
)
def test_a_sentence_begins_with_a_capital_where_it_begins_with_a_word(text, whole):
    assert sentence(text) == whole


def test_what_stands_against_it_reads_as_sentences_under_its_name():
    blocker = Blocker("wait", "waiting is quicker than asking. Expiry: a day", "stop the cause")
    assert blocker_words(blocker) == "wait: Waiting is quicker than asking. Expiry: a day. Stop the cause."
    overruled = replace(blocker, overruled_by="Robin")
    assert blocker_words(overruled).endswith("Expiry: a day. Overruled by Robin: no reason was kept")


def test_a_field_is_called_by_its_label_and_a_question_by_its_words():
    named = [field_words(MAIL, name) for name in ("ips", "changed", "what_changed", "one_click")]
    assert named == ["IP address", "What was changed", "what was changed", "one click"]


def test_what_is_no_single_customers_is_not_called_one():
    assert [asset_of(MAIL), asset_of(replace(MAIL, customer=None))] == ["acme", "shared, or our own"]
