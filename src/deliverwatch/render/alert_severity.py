"""How bad an alert is, for what sorts or colours by it: a digest, a pager, a chat.

Urgent is what cannot wait (`core.how_soon`), by the share of the customer's mail that is hit. So what is not urgent is
never worse than a warning, on whatever list it is; and an end, or a correction, is news and no trouble.
"""

from enum import StrEnum

from deliverwatch.core.alerting import AlertView
from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.how_soon import urgency
from deliverwatch.core.joining import ENDS
from deliverwatch.core.routing import Family, family_of

MOST_MAIL = 0.5
_OVER = ENDS | {EventKind.WARMUP_RELEASED, EventKind.WARMUP_ENDED}
_NEWS = frozenset({Impact.LOW, Impact.INFO})


class Severity(StrEnum):
    """Worst first. The words are those of PagerDuty's events."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


def severity(view: AlertView) -> Severity:
    event = view.event
    if is_end(view):
        return Severity.INFO
    if urgency(event).urgent:
        return Severity.CRITICAL if _is_worst(event) else Severity.ERROR
    if family_of(event.kind) is Family.REPORT or event.facts.get("impact") in _NEWS:
        return Severity.INFO
    return Severity.WARNING


def is_end(view: AlertView) -> bool:
    event = view.event
    settled_clear = event.kind is EventKind.LISTING_SETTLED and not event.facts["listed"]
    return event.kind in _OVER or settled_clear or view.corrects is not None


def _is_worst(event: Event) -> bool:
    facts = event.facts
    worst = facts.get("impact") == Impact.CRITICAL or family_of(event.kind) is Family.BLOCK
    return worst or bool(facts.get("own_from")) or (facts.get("mail_share") or 0) >= MOST_MAIL
