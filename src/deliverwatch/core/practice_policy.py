"""From where on a figure fails, and how much of it must be known before anything is said.

Complaints and spam rate: Google, Email sender guidelines ("below 0.10 %, never 0.30 % or more", mitigation only after
seven days in a row below 0.30 %); Yahoo, Sender Hub, best practices (below 0.30 %). Keys: RFC 8301 §3.2 (1024 bits at
least, 2048 advised). Bounces: no mailbox provider publishes a figure; ours are those from which on sending platforms
stop a sender (Amazon SES: review from 5 %, pause from 10 %). All read 2026-11.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class PracticePolicy:
    """`*_said_ratio`: told as found, and not failed. `least_delivered`: of a provider whose complaints are judged.
    `gmail_lag_days`: how far behind Google's figures may be. `most_addresses`: of one customer, looked at one by one.
    `least_bits`, `advised_bits`: of an RSA key."""

    counted_for: timedelta = timedelta(days=7)
    complaints_said_ratio: float = 0.001
    complaints_failed_ratio: float = 0.003
    least_delivered: int = 1000
    bounces_said_ratio: float = 0.02
    bounces_failed_ratio: float = 0.10
    gmail_limit_ratio: float = 0.003
    gmail_days: int = 7
    gmail_lag_days: int = 3
    most_addresses: int = 256
    least_bits: int = 1024
    advised_bits: int = 2048


POLICY = PracticePolicy()
