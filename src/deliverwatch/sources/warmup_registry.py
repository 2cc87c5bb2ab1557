"""The platforms that are asked about their own warm-ups, one line each.

SparkPost is not among them: its stages come with the nightly inventory (`sources.sparkpost_inventory`).
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from deliverwatch.core.warmup.run import Reading
from deliverwatch.sources import bird_warmup, mailgun_warmup, sendgrid_warmup


@dataclass(frozen=True, slots=True)
class WarmupSource:
    """`settings_of`: the source whose settings are used, once `key` is among them. `lists_only_warming`: an address
    that is not listed any more is not warmed any more."""

    platform: str
    title: str
    settings_of: str
    key: str
    read: Callable[[Mapping[str, Any], datetime], Awaitable[list[Reading]]]
    lists_only_warming: bool


WARMUP_SOURCES = (
    WarmupSource(
        sendgrid_warmup.PLATFORM,
        "SendGrid's warm-ups",
        sendgrid_warmup.SETTINGS_OF,
        "api_key",
        sendgrid_warmup.read_warmups,
        lists_only_warming=True,
    ),
    WarmupSource(
        mailgun_warmup.PLATFORM,
        "Mailgun's warm-ups",
        mailgun_warmup.SETTINGS_OF,
        "api_key",
        mailgun_warmup.read_warmups,
        lists_only_warming=True,
    ),
    WarmupSource(
        bird_warmup.PLATFORM,
        "Bird's warm-ups",
        bird_warmup.SETTINGS_OF,
        "key",
        bird_warmup.read_warmups,
        lists_only_warming=False,
    ),
)
