"""The text of API tokens: whole or none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deliverwatch.core.tokens import is_token, token_digest, token_hint, token_text

ONE = token_text(bytes(range(32)))


@given(st.binary(min_size=32, max_size=32))
def test_every_secret_has_a_text_of_its_own_length(secret):
    text = token_text(secret)
    assert is_token(text)
    assert len(text) == 52
    assert text.startswith("dw_")
    assert text[3:].isalnum()


def test_two_secrets_have_two_texts():
    assert token_text(bytes(32)) != token_text(bytes([0] * 31 + [1])) != token_text(bytes([1] + [0] * 31))
    assert token_digest(token_text(bytes(32))) != token_digest(ONE)


@given(st.integers(3, 51), st.sampled_from("0aZ9_-é "))
def test_what_was_mistyped_is_none(place, letter):
    mistyped = ONE[:place] + letter + ONE[place + 1 :]
    assert is_token(mistyped) == (mistyped == ONE)


@pytest.mark.parametrize("text", ["", "dw_", ONE[:-1], ONE + "0", ONE.upper(), " " + ONE, ONE + "\n", "dw_" + "z" * 49])
def test_what_is_no_token(text):
    assert not is_token(text)


@given(st.text())
def test_any_text_is_read(text):
    assert not is_token(text)
    assert not is_token("dw_" + text)


def test_more_than_256_bits_are_none(monkeypatch):
    from deliverwatch.core import tokens

    body = "z" * 43
    assert not is_token("dw_" + body + tokens._checksum(body))


def test_the_digest_and_the_hint_give_nothing_away():
    assert len(token_digest(ONE)) == 64
    assert token_hint(ONE) == ONE[-4:]
    assert ONE[3:46] not in token_digest(ONE)
