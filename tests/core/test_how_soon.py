"""What is urgent: much of a customer's mail before three idle addresses, whatever the list."""

import pytest

from deliverwatch.core.blocklist import Impact
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.how_soon import urgency
from samples import NOON


@pytest.mark.parametrize(
    ("kind", "facts", "urgent"),
    [
        (EventKind.LISTING_OPENED, {"impact": Impact.LOW, "mail_share": 0.8}, True),
        (EventKind.LISTING_OPENED, {"impact": Impact.LOW, "mail_share": 0.199}, False),
        (EventKind.LISTING_OPENED, {"impact": Impact.CRITICAL, "mail_share": 0.05}, True),
        (EventKind.LISTING_OPENED, {"impact": Impact.CRITICAL, "mail_share": 0.049}, False),
        (EventKind.LISTING_OPENED, {"impact": Impact.CRITICAL, "idle": True}, False),
        (EventKind.LISTING_OPENED, {"impact": Impact.CRITICAL}, True),
        (EventKind.LISTING_OPENED, {"impact": Impact.HIGH}, False),
        (EventKind.LISTING_OPENED, {"impact": Impact.INFO, "own_from": True}, True),
        (EventKind.BLOCK_OPENED, {"mail_share": None}, True),
        (EventKind.BLOCK_OPENED, {"mail_share": 0.01}, False),
        (EventKind.FINDING_OPENED, {"urgent": True}, True),
        (EventKind.FINDING_OPENED, {"mail_share": 0.5}, True),
        (EventKind.THROTTLE_STARTED, {"mail_share": 0.9}, False),
        (EventKind.LISTING_CLOSED, {"impact": Impact.CRITICAL, "mail_share": 1.0}, False),
        (EventKind.WARMUP_HELD, {}, False),
        (EventKind.RESOLVER_TROUBLE, {}, True),
        (EventKind.CHANNEL_FAILING, {}, True),
        (EventKind.LIST_QUARANTINED, {}, False),
        (EventKind.LISTING_SETTLED, {"listed": True, "mail_share": 0.9}, True),
        (EventKind.LISTING_SETTLED, {"listed": False, "mail_share": 0.9}, False),
        (EventKind.REPORT_CONTACT_LOST, {"last": True}, True),
        (EventKind.REPORT_CONTACT_LOST, {"last": False}, False),
    ],
)
def test_what_is_urgent(kind, facts, urgent):
    assert urgency(Event("x", kind, NOON, "zen", None, facts)).urgent is urgent


def test_it_says_why_and_rounds_nothing_up():
    words = urgency(Event("x", EventKind.LISTING_OPENED, NOON, "zen", None, {"mail_share": 0.7999})).why
    assert words == "79.9% of the customer's mail is hit"
