"""A sample message: one-click unsubscribe (RFC 8058), and the From domain aligned with a signature that verifies.

RFC 8058 §3.1: List-Unsubscribe holds an HTTPS link, List-Unsubscribe-Post is exactly List-Unsubscribe=One-Click, and a
valid DKIM signature covers both. Whether the link works is not tried: to follow it would unsubscribe somebody. Nothing
of the message is kept but domains.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import SMTP

from deliverwatch.core.errors import NotPossible
from deliverwatch.core.practice import Check, CheckOutcome, CheckResult
from deliverwatch.core.practice_alignment import Organisational, aligned
from deliverwatch.core.practice_problems import Problem
from deliverwatch.core.practice_scope import PracticeScope
from deliverwatch.core.subjects import normal_domain
from deliverwatch.core.visible import visible
from deliverwatch.practice.resolvers import Resolvers
from deliverwatch.practice.signatures import Signature, signatures

UNSUBSCRIBE, POST = "list-unsubscribe", "list-unsubscribe-post"
_ONE_CLICK = "List-Unsubscribe=One-Click"
_HTTPS = re.compile(r"<\s*https://[^<>\s]+\s*>", re.IGNORECASE)
_SAMPLE = {"seen_in": "message"}
"""So that what a message showed is kept when the rest is looked at again."""


async def results_of_message(
    content: bytes, scope: PracticeScope, organisational: Organisational, resolvers: Resolvers, at: datetime
) -> list[CheckResult]:
    """ONE_CLICK and ALIGNMENT of its From domain. Raises NotPossible for what is no message of this customer's."""
    message = BytesHeaderParser(policy=SMTP).parsebytes(content)
    domain = _from_domain(message)
    if not scope.has_domain(domain):
        raise NotPossible(f"the message is from {domain}, which the inventory does not have for {scope.customer}")
    found = await asyncio.to_thread(signatures, content, resolvers)
    envelope = _envelope_domain(message)
    return [
        _one_click(domain, _texts(message, UNSUBSCRIBE), _texts(message, POST), found, at),
        _alignment(domain, found, [envelope] if envelope else scope.envelope_domains, organisational, at),
    ]


def _from_domain(message: EmailMessage) -> str:
    """RFC 5322 §3.6.2; receivers refuse several."""
    fields = message.get_all("From") or []
    addresses: Sequence[Address] = getattr(fields[0], "addresses", ()) if len(fields) == 1 else ()
    domains = {address.domain for address in addresses}
    if len(domains) != 1:
        raise NotPossible("expected a message with one From field and one domain in it, headers and body as sent")
    try:
        return normal_domain(domains.pop())
    except ValueError as wrong:
        raise NotPossible(f"the From field of the message: {wrong}") from None


def _envelope_domain(message: EmailMessage) -> str | None:
    """As the receiving server noted it."""
    path = " ".join(_texts(message, "return-path"))
    try:
        return normal_domain(path.strip("<> ").rpartition("@")[2]) if "@" in path else None
    except ValueError:
        return None


def _texts(message: EmailMessage, name: str) -> list[str]:
    return [" ".join(str(value).split()) for value in message.get_all(name) or []]


def _one_click(
    domain: str, links: Sequence[str], posts: Sequence[str], found: Iterable[Signature], at: datetime
) -> CheckResult:
    if not links:
        return _failed(domain, "no List-Unsubscribe", Problem.ONE_CLICK_MISSING, at)
    if not any(_HTTPS.search(link) for link in links):
        return _failed(domain, "List-Unsubscribe has no https link", Problem.ONE_CLICK_NO_HTTPS, at)
    if list(posts) != [_ONE_CLICK]:
        told = f"List-Unsubscribe-Post is {visible(posts[0], 80)!r}" if posts else "no List-Unsubscribe-Post"
        return _failed(domain, f"{told}, where {_ONE_CLICK} is expected", Problem.ONE_CLICK_NO_POST, at)
    covering = [each for each in found if {UNSUBSCRIBE, POST} <= each.signed]
    valid = next((each for each in covering if each.valid), None)
    if valid is not None:
        words = (
            f"{_mail(domain)}: one-click unsubscribe, signed by d={valid.domain}; whether the link works was not tried"
        )
        return CheckResult(Check.ONE_CLICK, domain, CheckOutcome.PASS, words, at, _source(at), facts=_SAMPLE)
    unknown = next((each for each in covering if each.valid is None), None)
    if unknown is not None:
        words = f"{_mail(domain)}: the signature of d={unknown.domain} over it is not known to be valid: {unknown.why}"
        return CheckResult(Check.ONE_CLICK, domain, CheckOutcome.UNKNOWN, words, at, _source(at), facts=_SAMPLE)
    why = f"; that of d={covering[0].domain} is not: {covering[0].why}" if covering else ""
    words = f"no valid DKIM signature covers List-Unsubscribe and List-Unsubscribe-Post{why}"
    return _failed(domain, words, Problem.ONE_CLICK_UNSIGNED, at)


def _failed(domain: str, found: str, problem: Problem, at: datetime) -> CheckResult:
    facts = {"domain": domain, **_SAMPLE}
    return CheckResult(
        Check.ONE_CLICK, domain, CheckOutcome.FAIL, f"{_mail(domain)}: {found}", at, _source(at), problem, facts
    )


def _alignment(
    domain: str,
    found: Sequence[Signature],
    envelopes: Iterable[str],
    organisational: Organisational,
    at: datetime,
) -> CheckResult:
    """By a valid signature. Whether SPF passed is not in a message, so that an aligned envelope proves nothing and
    leaves it unknown."""
    signing = [each for each in found if each.domain and aligned(domain, [each.domain], organisational)]
    valid = next((each for each in signing if each.valid), None)
    if valid is not None:
        words = f"{_mail(domain)}: aligned with the valid DKIM signature of d={valid.domain}"
        return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.PASS, words, at, _source(at), facts=_SAMPLE)
    by_envelope = aligned(domain, envelopes, organisational)
    unknown = next((each for each in signing if each.valid is None), None)
    if unknown is not None or by_envelope:
        why = (
            f"of d={unknown.domain} is not known to be valid: {unknown.why}" if unknown else "that is aligned is valid"
        )
        spf = f"; the envelope domain {by_envelope[0]} is aligned, if SPF passed" if by_envelope else ""
        words = f"{_mail(domain)}: {'the signature' if unknown else 'no DKIM signature'} {why}{spf}"
        return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.UNKNOWN, words, at, _source(at), facts=_SAMPLE)
    others = ", ".join(dict.fromkeys(each.domain for each in found if each.domain)) or "no signature"
    why = f": d={signing[0].domain}, {signing[0].why}" if signing else f", among {others}"
    words = f"{_mail(domain)}: no valid DKIM signature is aligned{why}"
    facts = {"domain": domain, "others": others, **_SAMPLE}
    return CheckResult(Check.ALIGNMENT, domain, CheckOutcome.FAIL, words, at, _source(at), Problem.NOT_ALIGNED, facts)


def _mail(domain: str) -> str:
    return f"sample message from {domain}"


def _source(at: datetime) -> str:
    return f"sample message, read at {at:%Y-%m-%dT%H:%MZ}"
