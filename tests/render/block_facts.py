"""What events about blocks, throttles, findings and warnings carry, one sample each."""

from datetime import timedelta

from deliverwatch.core.events import EventKind
from samples import NOON

BEGAN_AT = NOON - timedelta(hours=7)
_PROVIDER = {
    "provider": "example_mail",
    "provider_name": "Example Mail",
    "postmaster_url": "https://postmaster.mail.example/",
    "opened_at": BEGAN_AT.isoformat(),
    "last_seen_at": (NOON - timedelta(hours=2)).isoformat(),
    "closed_at": None,
    "ended": None,
    "mail_share": 0.1234,
    "parties": ["acme"],
}
_COUNTS = {
    "rule": "example-mail-x1",
    "rules": {"example-mail-x1": 40, "example-mail-x2": 2},
    "replies": 42,
    "deferred": 2,
    "bounced": 40,
    "expired": 1,
    "attempted": 1042,
    "delivered": 1000,
    "share": 0.0403,
    "samples": ["550 5.7.1 [X1] Mail from 192.0.2.10 refused, see https://postmaster.mail.example/x1"],
}
_BLOCK = {**_PROVIDER, **_COUNTS, "class": "ip_block", "what": "ip_block"}
_THROTTLE = {**_BLOCK, "class": "rate_limit", "what": "rate_limit", "bounced": 0, "deferred": 42, "expired": 0}
_FINDING = {**_BLOCK, "class": "auth_failure", "what": "auth_failure", "urgent": True}
_WARNING = {
    **_PROVIDER,
    "class": None,
    "what": "snds_colour",
    "urgent": True,
    "level": "urgent",
    "mail_share": None,
    "days": [{"on": "2026-11-16", "text": "yellow"}, {"on": "2026-11-17", "text": "red"}],
}
_ACCEPTED = {
    "closed_at": (NOON - timedelta(hours=1)).isoformat(),
    "ended": "accepted",
    "accepted": 17,
    "accepted_since": (NOON - timedelta(hours=5)).isoformat(),
}
_MENDED = {**_ACCEPTED, "ended": "mended"}

BLOCK_FACTS = {
    EventKind.BLOCK_OPENED: _BLOCK,
    EventKind.BLOCK_CLOSED: {**_BLOCK, **_ACCEPTED},
    EventKind.THROTTLE_STARTED: _THROTTLE,
    EventKind.THROTTLE_ENDED: {**_THROTTLE, **_ACCEPTED},
    EventKind.FINDING_OPENED: _FINDING,
    EventKind.FINDING_CLOSED: {**_FINDING, **_MENDED},
    EventKind.WARNING_STARTED: _WARNING,
    EventKind.WARNING_ENDED: {**_WARNING, **_MENDED},
}
