"""Provider blocks as episodes.

One refusal is no block. Hours are counted per mailbox provider and sender (a sending IP; a sending domain where the
verdict is about the domain), and judged in sliding windows:

- a *block* is a verdict against the sender that passes its threshold and ends mail, or defers it until it expires;
- a *throttle* slows mail that still arrives: the advice is to slow down. It becomes a block when it persists;
- a *finding* is an authentication failure: to be mended, urgent by the share of mail it hits;
- a *warning* comes before the block: a colour, trap hits, a complaint rate, rising deferrals, DNS that changed.

A share of few is uncertain, so the lower end of its interval (Wilson, 95 %) must pass the threshold. A block closes
when that provider accepts mail again for long enough; silence closes nothing.

Judging (`core.judging`) is done afresh from the hours kept, so that data which come late or in another order lead to
the same episodes; `core.reconcile` then finds what is new against what was told already, and takes nothing back.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from deliverwatch.core.events import EventKind
from deliverwatch.core.reply import ReplyClass
from deliverwatch.core.subjects import Subject


class EpisodeKind(StrEnum):
    BLOCK = "block"
    THROTTLE = "throttle"
    FINDING = "finding"
    WARNING = "warning"


class EpisodeEnd(StrEnum):
    """ACCEPTED: the provider takes mail again (a block, a throttle). MENDED: no longer found (a finding, a warning).
    WITHDRAWN: the sender is no longer ours. BECAME_BLOCK: a throttle that persisted. BY_HAND: a person said so, with a
    reason."""

    ACCEPTED = "accepted"
    MENDED = "mended"
    WITHDRAWN = "withdrawn"
    BECAME_BLOCK = "became_block"
    BY_HAND = "by_hand"


class ReplyHour(NamedTuple):
    """Of one provider and sender in one hour: how many attempts got replies of one class and rule. `retries`: those
    known to be of messages that had been tried before."""

    hour_at: datetime
    class_: ReplyClass
    rule: str
    deferred: int
    bounced: int
    expired: int
    sample: str
    retries: int = 0


class TrafficHour(NamedTuple):
    """All mail of one sender to one provider in one hour."""

    hour_at: datetime
    attempted: int
    delivered: int
    deferred: int
    bounced: int


@dataclass(frozen=True, slots=True)
class Episode:
    """One block, throttle, finding or warning. `provider`: of a warning that no provider gives (DNS drift), "".
    `class_`: of a reply; `what`: of a warning, its name ("snds_colour", "ptr", ...). `mail_share`: the share of the
    customers' mail (all providers, the day up to now) that it hits; None: not measured. `evidence`: JSON values:
    masked replies with counts, rule, thresholds passed. `key` is that of its opening event."""

    key: str
    kind: EpisodeKind
    provider: str
    subject: Subject
    what: str
    class_: ReplyClass | None
    opened_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None = None
    ended: EpisodeEnd | None = None
    mail_share: float | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict)
    cause: Mapping[str, Any] | None = None


OPENED = {
    EpisodeKind.BLOCK: EventKind.BLOCK_OPENED,
    EpisodeKind.THROTTLE: EventKind.THROTTLE_STARTED,
    EpisodeKind.FINDING: EventKind.FINDING_OPENED,
    EpisodeKind.WARNING: EventKind.WARNING_STARTED,
}
CLOSED = {
    EpisodeKind.BLOCK: EventKind.BLOCK_CLOSED,
    EpisodeKind.THROTTLE: EventKind.THROTTLE_ENDED,
    EpisodeKind.FINDING: EventKind.FINDING_CLOSED,
    EpisodeKind.WARNING: EventKind.WARNING_ENDED,
}


def episode_key(kind: EpisodeKind, provider: str, subject: Subject, what: str, opened_at: datetime) -> str:
    """The key of the event that opened an episode, and of the episode. `what`: the class of the replies, or what a
    warning warns of."""
    return f"{OPENED[kind]}/{provider}/{subject}/{what}/{opened_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class JudgingPolicy:
    """From how much on replies are an episode, and when it is over.

    The traffic shaper of KumoMTA, which has to tell a bad reply from a block as well, acts on 2 to 5 of one kind an
    hour (its community rules `shaping.toml`, read 2026-11-22): "on our block list" 5, "[TSS04]" 2, "temporarily rate
    limited" 3. It only slows down; since we tell people, a share must be passed besides, so that strays among thousands
    are none.
    """

    windows: tuple[timedelta, ...] = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
    block_verdicts: int = 3
    block_ratio: float = 0.10
    many_bounced: int = 100
    """So many bounced with a verdict are no strays, whatever they are among: `throttle_ratio` of all will do."""
    throttle_verdicts: int = 2
    throttle_ratio: float = 0.01
    starved_verdicts: int = 5
    starved_for: timedelta = timedelta(hours=4)
    """Deferred only, and nothing got through for so long: senders give up after four to five days (RFC 5321, section
    4.5.4.1), but what is read next day is of no use to most."""
    persists_hours: int = 24
    """Hours with attempts in which a throttle let through less than `enough_ratio` of them: Postfix tries again every
    67 minutes at the longest (maximal_backoff_time), so that mail arrives half a day late by then."""
    enough_ratio: float = 0.10
    expired_messages: int = 3
    over_below: float = 0.5
    """Of the share that opens one: the verdicts of an hour that still count as acceptance lie below this part of it, so
    that a share which lies about the mark is one episode, and not one every few hours."""
    accepted: int = 5
    accepted_for: timedelta = timedelta(hours=3)
    accepted_of_few: int = 3
    accepted_of_few_for: timedelta = timedelta(hours=24)
    mended_for: timedelta = timedelta(hours=24)
    """Authentication fails by stream and by signature: an hour without a failure may only be an hour of other mail."""
    urgent_ratio: float = 0.05
    urgent_least: int = 3
    """Replies from which on their share says anything: one of one is all of the mail, and one message."""
    urgent_replies: int = 20
    news_for: timedelta = timedelta(days=2)
    """What was last seen longer ago is history when it is first learnt of (an old log): kept, and told to nobody."""
    warning_is_news_for: timedelta = timedelta(days=4)
    """SNDS and Postmaster Tools are one to two days late."""
