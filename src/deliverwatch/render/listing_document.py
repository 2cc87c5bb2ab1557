"""A listing as a JSON document: what the command line prints, and programs may rely on.

Listings of one incident bear the same `incident`, a name without a meaning: its own key would name the subject that
leads, which may be another customer's.
"""

from collections.abc import Mapping
from typing import Any

from deliverwatch.core.alerting import notification_id
from deliverwatch.core.listing import Listing
from deliverwatch.render.json_times import instant, told


def listing_document(listing: Listing, cause: Mapping[str, Any] | None, share: float | None) -> dict[str, Any]:
    """`mail_share`: of the mail of the customers concerned in the last 24 hours, what left from there."""
    return {
        "subject": listing.subject.value,
        "list": listing.list_id,
        "incident": notification_id("incident", listing.incident),
        "opened_at": instant(listing.opened_at),
        "confirmed_at": instant(listing.confirmed_at),
        "closed_at": instant(listing.closed_at),
        "ended": listing.ended,
        "codes": list(listing.codes),
        "meanings": list(listing.meanings),
        "impact": listing.impact,
        "mail_share": share,
        "evidence": {"path": listing.path, "reason": listing.reason},
        "likely_cause": told(cause) if cause else None,
    }
