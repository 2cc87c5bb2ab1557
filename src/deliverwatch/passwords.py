"""Passwords: which are good enough, and what is kept of them.

Kept is what argon2id makes (RFC 9106 §4, the second recommended choice: 64 MiB, three passes), with a salt of its own,
so that whoever reads the database must try each password at that price. Good enough is what NIST SP 800-63B §3.1.1
asks for: long, not well known, not the name; no rules about kinds of characters, and no expiry (checked 2026-11).

For a name that nobody has, a password is checked against one that nobody knows: how long an answer takes tells nothing.
"""

import asyncio
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from secrets import token_urlsafe

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

from deliverwatch.core.errors import NotPossible

SHORTEST, LONGEST = 12, 128
_AT_ONCE = 2
_WELL_KNOWN = frozenset(
    {
        *("password", "passwort", "contraseña", "qwerty", "qwertz", "qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm"),
        *("iloveyou", "letmein", "welcome", "willkommen", "bienvenido", "changeme", "secret", "geheim", "rahasia"),
        *(
            "admin",
            "administrator",
            "operator",
            "postmaster",
            "deliverwatch",
            "monkey",
            "dragon",
            "football",
            "sunshine",
        ),
        *("princess", "baseball", "superman", "master", "trustno", "abc", "pass", "p@ssword", "passw0rd", "p@ssw0rd"),
        *("correcthorsebatterystaple", "1q2w3e4r5t6y", "1qaz2wsx3edc", "qazwsxedcrfv", "q1w2e3r4t5y6", "zaq12wsxcde3"),
        *("thisisapassword", "mypassword", "newpassword", "temppassword", "defaultpassword", "kata sandi", "katasandi"),
    }
)
"""The commonest of leaked lists, without the digits and signs that people put around them."""
_AROUND = "0123456789!?.,-_*#$@ "
_ROWS = ("0123456789" * 13, "9876543210" * 13, "abcdefghijklmnopqrstuvwxyz" * 5, "qwertyuiopasdfghjklzxcvbnm" * 5)
_REPEATED = (1, 2, 3)
"""So many letters, again and again, are no password."""
_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def fault_of(password: str, name: str) -> str | None:
    """Why it is not good enough, as a sentence; None: it is."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    plain = password.casefold()
    if _is_of(plain, name.casefold()):
        return "the password is the name: choose another one"
    if _is_well_known(plain):
        return "the password is one of those that are tried first: choose another one"
    return None


def _is_well_known(plain: str) -> bool:
    if any(plain in row for row in _ROWS) or any(not plain.replace(plain[:length], "") for length in _REPEATED):
        return True
    return any(_is_of(plain, word) for word in _WELL_KNOWN)


def _is_of(plain: str, word: str) -> bool:
    """Nothing but the word, once or again and again, with what people put around it."""
    return bool(word) and word in plain and not plain.replace(word, "").strip(_AROUND)


class PasswordThreads:
    """Two at a time, beside the event loop: each takes 64 MiB and some tens of milliseconds."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="password")

    async def kept(self, password: str, name: str) -> str:
        """Raises NotPossible."""
        fault = fault_of(password, name)
        if fault is not None:
            raise NotPossible(fault)
        return await asyncio.get_running_loop().run_in_executor(self._threads, kept, password)

    async def fits(self, password: str, kept_of_it: str | None) -> bool:
        return await asyncio.get_running_loop().run_in_executor(self._threads, fits, password, kept_of_it)


def kept(password: str) -> str:
    return _HASHER.hash(_normal(password))


def fits(password: str, kept_of_it: str | None) -> bool:
    """None: there is none; then it takes as long to say so."""
    try:
        is_it = _HASHER.verify(kept_of_it or _nobodys(), _normal(password[:LONGEST]))
    except (VerificationError, InvalidHashError):
        return False
    return is_it and kept_of_it is not None and len(password) <= LONGEST


def _normal(password: str) -> bytes:
    """One password, however the keyboard put its letters together."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "replace")


@cache
def _nobodys() -> str:
    return kept(token_urlsafe(32))
