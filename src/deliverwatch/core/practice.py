"""Best practice: what a sender must have done before a postmaster is asked for anything.

A check says what was found, where and when. UNKNOWN (no answer, no data) is neither good nor bad: it blocks nothing
and is claimed to nobody. What fails is advice to the customer, kept from the day it was found until the day it was
found mended: the register of advice given and followed. Requirements and figures: Google, sender guidelines (Feb 2024);
Yahoo, Sender Hub best practices (Feb 2024); Microsoft, high-volume senders (May 2025).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Check(StrEnum):
    SPF = "spf"
    DKIM = "dkim"
    DMARC = "dmarc"
    ALIGNMENT = "alignment"
    PTR = "ptr"
    HELO = "helo"
    MX = "mx"
    TLS = "tls"
    ONE_CLICK = "one_click"
    COMPLAINTS = "complaints"
    GMAIL_SPAM_RATE = "gmail_spam_rate"
    BOUNCES = "bounces"
    WARMUP = "warmup"
    LISTINGS = "listings"


TOLD_ELSEWHERE = frozenset({Check.LISTINGS, Check.WARMUP})
"""Customers read of these in sections of the report of their own; a list that lies would make advice of its lies."""


class CheckOutcome(StrEnum):
    PASS = "pass"  # noqa: S105 - the outcome, no password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


@dataclass(frozen=True, slots=True)
class CheckResult:
    """`subject`: the address, domain or selector name it is about ("" : the customer as a whole). `found`: what was
    seen, in English, with figures. `problem`: of a failed one, which repair it needs (a key of `render.practice_words`,
    "spf_missing"); `facts`: JSON values that the words take. `source`: where it was seen ("TXT of news.acme.example by
    192.0.2.53:53")."""

    check: Check
    subject: str
    outcome: CheckOutcome
    found: str
    at: datetime
    source: str
    problem: str | None = None
    facts: Mapping[str, str] = field(default_factory=dict)


_HOLDS_FOR, _SAMPLE_HOLDS_FOR = timedelta(days=3), timedelta(days=30)


def is_of_a_sample(result: CheckResult) -> bool:
    """Seen in a message that somebody gave, and not looked up."""
    return result.facts.get("seen_in") == "message"


def holds(result: CheckResult, now: datetime) -> bool:
    """Whether it says anything of today. A sample message is not sent in every day."""
    return now - result.at < (_SAMPLE_HOLDS_FOR if is_of_a_sample(result) else _HOLDS_FOR)


@dataclass(frozen=True, slots=True)
class Advice:
    """One failed check of one customer, from the day it was found. `told_at`: when the customer first read of it (a
    weekly report, an action request); `mended_at`: when the check first passed again. `overruled_*`: a TAM took it off
    the way of requests, with a reason."""

    id: str
    customer: str
    check: Check
    subject: str
    problem: str
    facts: Mapping[str, str]
    found: str
    opened_at: datetime
    told_at: datetime | None = None
    mended_at: datetime | None = None
    overruled_by: str | None = None
    overruled_at: datetime | None = None
    overruled_because: str | None = None


TAKEN_BACK = "taken_back"
"""The fact of advice that was never true, with the reason."""


def is_taken_back(advice: Advice) -> bool:
    """Nobody was to mend anything, and nobody did; `mended_at` is then when that came out."""
    return TAKEN_BACK in advice.facts
