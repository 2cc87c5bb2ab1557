"""Foreign text: nothing invisible survives, nothing becomes a header, a link or a second line."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.visible import visible
from deliverwatch.render.encode import in_header, in_mail

ANY_TEXT = st.text(st.characters(), max_size=200)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode and 日本", "plain, ünïcode and 日本"),
        ("a\r\nb\tc", "a\\r\\nb\\tc"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("abc\u202ecba", "abc\\u202ecba"),
        ("a\u200bb\ufeff", "a\\u200bb\\ufeff"),
        ("line\u2028line", "line\\u2028line"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\U000e0041"),
        ("x\u3164y\ufe0f", "x\\u3164y\\ufe0f"),
    ],
)
def test_what_hides_is_made_visible(text, shown):
    assert visible(text) == shown


@settings(deadline=None)
@given(ANY_TEXT, st.integers(1, 60))
def test_visible_text_is_one_short_line_that_any_output_can_hold(text, limit):
    shown = visible(text, limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(each) for each in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert len(shown.splitlines()) <= 1
    shown.encode()


@settings(deadline=None)
@given(ANY_TEXT)
def test_visible_text_is_not_changed_again(text):
    assert visible(visible(text, 10_000), 10_000) == visible(text, 10_000)


def test_what_is_cut_off_is_marked():
    assert visible("abcdef", 6) == "abcdef"
    assert visible("abcdefg", 6) == "abcde…"


@settings(deadline=None)
@given(ANY_TEXT)
def test_a_header_holds_no_encoded_word_of_a_strangers(text):
    encoded = in_header(text + "=?utf-8?q?a=0ABcc=3A_x?=", 500)
    assert "=?" not in encoded
    assert visible(encoded, 1000) == encoded


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("news.acme.example", "news[.]acme[.]example"),
        ("192.0.2.10 and 127.0.0.2", "192.0.2.10 and 127.0.0.2"),
        ("see https://list.example/q?ip=192.0.2.10.", "see https[:]//list[.]example/q?ip=192.0.2.10."),
        ("mx1.2.example, 4.example", "mx1.2[.]example, 4[.]example"),
        ("2001:db8::10", "2001:db8::10"),
        ("End. Start", "End. Start"),
    ],
)
def test_names_in_mail_are_no_links(text, shown):
    assert in_mail(text) == shown
