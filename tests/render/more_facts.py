"""What reminders, and events about reports and channels, carry, one sample each."""

from datetime import timedelta

from deliverwatch.core.events import EventKind
from render.block_facts import BLOCK_FACTS
from samples import NOON

BEGAN_AT = NOON - timedelta(days=7, hours=2)
TOLD = {"opened_at": BEGAN_AT.isoformat(), "told_at": (BEGAN_AT + timedelta(minutes=3)).isoformat(), "week": 1}
REQUEST = {"id": "d-1a2b", "customer": "acme", "to": "Sample list", "state": "prepared", "by": None, "at": None}
REQUEST |= {"outcome": None}

MORE_FACTS = {
    EventKind.STILL_LISTED: {
        **TOLD,
        "codes": ["127.0.0.2"],
        "meanings": ["sends spam"],
        "impact": "high",
        "reason": "see https://list.example/q?ip=192.0.2.10",
        "drafts": [REQUEST],
        "parties": ["acme"],
    },
    EventKind.STILL_BLOCKED: {
        **BLOCK_FACTS[EventKind.BLOCK_OPENED],
        **TOLD,
        "drafts": [{**REQUEST, "to": "Example Mail", "state": "submitted", "by": "ann", "at": BEGAN_AT.isoformat()}],
    },
    EventKind.REPORT_WAITS: {
        "customer": "acme",
        "week": "2026-W46",
        "goes_at": (NOON + timedelta(hours=2)).isoformat(),
        "subject": "Attention: 1 sender is listed",
        "figures": {},
        "parties": ["acme"],
    },
    EventKind.REPORT_CONTACT_LOST: {
        "customer": "acme",
        "address": "postmaster@acme.example",
        "state": "bounced",
        "why": "550 5.1.1 no such user",
        "last": False,
        "parties": ["acme"],
    },
    EventKind.CHANNEL_FAILING: {
        "channel": "email",
        "since": (NOON - timedelta(minutes=40)).isoformat(),
        "why": "554 5.7.1 relay access denied",
        "owed": 12,
    },
    EventKind.CHANNEL_WELL: {"channel": "email", "since": (NOON - timedelta(hours=3)).isoformat()},
}
