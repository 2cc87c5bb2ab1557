"""The DKIM keys of the inventory's selectors: published, not revoked, and of a size that receivers take.

RFC 6376 §3.6.1 (an empty p= is a key that was revoked; more than one record is undefined), RFC 8301 §3.2 (RSA of 1024
bits at least, 2048 advised), RFC 8463 (Ed25519, whose key has 32 octets).
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import dkim
from dkim.util import InvalidTagValueList, parse_tag_value

from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_policy import PracticePolicy
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.sender_dns import RecordKind, relevant
from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import RAW, Resolvers, not_told, seen

_ED25519_OCTETS = 32
_MOST_REASON = 120


class _Judged(NamedTuple):
    found: str
    problem: Problem | None = None
    bits: int = 0


async def dkim_key(
    selector: str, domain: str, resolvers: Resolvers, at: datetime, policy: PracticePolicy
) -> CheckResult:
    """The result's subject is the name of the key."""
    name = f"{selector}._domainkey.{domain}"
    answer = await resolvers.ask(name, "TXT")
    source = seen("TXT", name, answer)
    if answer.values is None:
        return CheckResult(Check.DKIM, name, CheckOutcome.UNKNOWN, not_told("TXT", name, answer), at, source)
    judged = _judge(answer.values, policy)
    found = f"DKIM key {name}: {judged.found}"
    if judged.problem is None:
        return CheckResult(Check.DKIM, name, CheckOutcome.PASS, found, at, source)
    facts = {"name": name}
    if judged.problem is Problem.DKIM_SHORT:
        facts["bits"] = str(judged.bits)
    elif judged.problem is Problem.DKIM_INVALID:
        facts["reason"] = judged.found
    return CheckResult(Check.DKIM, name, CheckOutcome.FAIL, found, at, source, judged.problem, facts)


def no_selector(domain: str, at: datetime) -> CheckResult:
    found = f"DKIM keys of {domain}: no selector is recorded in the inventory"
    return CheckResult(Check.DKIM, domain, CheckOutcome.UNKNOWN, found, at, "inventory")


def _judge(texts: Sequence[str], policy: PracticePolicy) -> _Judged:
    keys = relevant(RecordKind.DKIM, texts)
    if not keys:
        if any(_is_revoked(text) for text in texts):
            return _Judged("the key is revoked: its p= is empty", Problem.DKIM_REVOKED)
        return _Judged("there is no key", Problem.DKIM_MISSING)
    if len(keys) > 1:
        return _Judged(f"there are {len(keys)} keys under one name", Problem.DKIM_SEVERAL)
    return _of_key(keys[0].encode(*RAW), policy)


def _is_revoked(text: str) -> bool:
    tags = (tag.partition("=") for tag in text.split(";"))
    return any(name.strip().lower() == "p" and sign and not value.strip() for name, sign, value in tags)


def _of_key(record: bytes, policy: PracticePolicy) -> _Judged:
    try:
        tags = parse_tag_value(record)
        if tags.get(b"k") == b"ed25519":
            return _of_ed25519(tags, _testing(tags))
        _, bits, kind, only_reports = dkim.evaluate_pk("", record)
    except (dkim.DKIMException, InvalidTagValueList, ValueError, LookupError, TypeError) as wrong:
        return _Judged(f"the key cannot be read: {_reason(wrong)}", Problem.DKIM_INVALID)
    if kind is None or only_reports:
        return _Judged("the key is not for mail (s=)", Problem.DKIM_INVALID)
    if bits < policy.least_bits:
        return _Judged(f"RSA key of {bits} bits, {policy.least_bits} at least are wanted", Problem.DKIM_SHORT, bits)
    advised = f", {policy.advised_bits} are advised" if bits < policy.advised_bits else ""
    return _Judged(f"RSA key of {bits} bits{advised}{_testing(tags)}")


def _of_ed25519(tags: dict[bytes, bytes], testing: str) -> _Judged:
    try:
        octets = len(base64.b64decode(b"".join(tags[b"p"].split()), validate=True))
    except binascii.Error:
        octets = 0
    if octets != _ED25519_OCTETS:
        return _Judged("the Ed25519 key cannot be read", Problem.DKIM_INVALID)
    return _Judged(f"Ed25519 key{testing}")


def _testing(tags: dict[bytes, bytes]) -> str:
    """RFC 6376 §3.6.1: t=y asks receivers to treat the mail as unsigned."""
    return "; it is declared as a test (t=y)" if b"y" in tags.get(b"t", b"").split(b":") else ""


def _reason(wrong: Exception) -> str:
    return visible(str(wrong) or type(wrong).__name__, _MOST_REASON)
