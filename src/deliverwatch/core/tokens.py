"""The text of an API token: "dw_", 256 random bits in base62, and a checksum by which a typing error, and a scanner of
leaked secrets, know it without asking us.

Only its digest is kept. SHA-256 is enough for that: what is random over 256 bits cannot be guessed, however fast one
may try, which is not so of a password.
"""

import string
import zlib
from hashlib import sha256

_PREFIX = "dw_"
_LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BITS = 256
_BODY = 43
"""Digits of base62 that 256 bits need."""
_CHECK = 6
_HINT = 4


def token_text(secret: bytes) -> str:
    """`secret`: 32 random octets."""
    body = _base62(int.from_bytes(secret), _BODY)
    return _PREFIX + body + _checksum(body)


def is_token(text: str) -> bool:
    """Whether it may be one of ours at all."""
    if not text.startswith(_PREFIX) or len(text) != len(_PREFIX) + _BODY + _CHECK:
        return False
    body, check = text[len(_PREFIX) : -_CHECK], text[-_CHECK:]
    if not set(body) <= set(_LETTERS) or check != _checksum(body):
        return False
    return _value(body) < 1 << _BITS


def token_digest(text: str) -> str:
    """What is kept of it."""
    return sha256(text.encode()).hexdigest()


def token_hint(text: str) -> str:
    """By which its owner tells it from others."""
    return text[-_HINT:]


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK)


def _base62(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, len(_LETTERS))
        digits.append(_LETTERS[digit])
    return "".join(reversed(digits))


def _value(body: str) -> int:
    value = 0
    for letter in body:
        value = value * len(_LETTERS) + _LETTERS.index(letter)
    return value
