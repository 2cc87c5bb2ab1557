"""Examples of what is looked after: lists, sources, replies, alerts, tokens, and a customer as a whole."""

from typing import Any

from deliverwatch.web.api.shapes.examples import ASSET, AT, CUSTOMER, EPISODE, EVENT, LISTING, REPORT
from deliverwatch.web.api.shapes.work_examples import DRAFT

LIST: dict[str, Any] = {
    "id": "psbl",
    "name": "Passive Spam Block List",
    "on": True,
    "state": "on",
    "way": "dns",
    "leads": True,
    "zone": "psbl.surriel.com",
    "kinds": ["ipv4"],
    "polarity": "block",
    "impact": "medium",
    "codes": [{"code": "127.0.0.2", "meaning": "sent to a spam trap", "impact": "medium"}],
    "lookup_url": "https://psbl.org/listing",
    "removal": "self_service",
}
LIST_WITH_HEALTH: dict[str, Any] = LIST | {
    "health": [
        {
            "path": "192.0.2.53:53",
            "health": "verified",
            "since": AT,
            "detail": None,
            "stopped_at": None,
            "ask_again_at": None,
        }
    ],
    "last_round_at": AT,
    "last_round_verified": True,
}
LIFTED: dict[str, Any] = {"list": "spamhaus-zen", "lifted": 1}
SOURCE: dict[str, Any] = {
    "id": "sparkpost-webhook",
    "title": "SparkPost webhooks",
    "configured": True,
    "state": "running",
    "failing_since": None,
    "failure": None,
    "waiting_for": [],
    "lost": None,
    "last_event_at": AT,
    "last_ingest_at": AT,
    "read": 120_000,
    "accepted": 119_400,
    "duplicates": 600,
    "rejected": 0,
    "not_measured": [],
}
REPLY: dict[str, Any] = {
    "template": "550 5.7.1 Message from [*] was not taken",
    "replies": 31,
    "looks_like_block": True,
    "first_at": "2026-11-18T09:00:00Z",
    "last_at": AT,
}
_EVENT_HEAD: dict[str, Any] = {name: value for name, value in EVENT.items() if name != "facts"}
ALERT: dict[str, Any] = _EVENT_HEAD | {
    "title": "LISTED (critical): 192.0.2.10 on Spamhaus ZEN - Acme Ltd",
    "notifications": [
        {
            "id": "60690665-2403-53a8-948f-358e417e1282",
            "recipient": "robin.doe@esp.example",
            "channel": "email",
            "audience": "tam",
            "state": "sent",
            "standing": "sent at 2026-11-18 12:00 UTC",
            "because": "route 'the rest', at once",
            "created_at": AT,
            "not_before": None,
            "digest_at": None,
            "sent_at": AT,
            "attempts": 1,
            "last_error": None,
            "about": None,
        }
    ],
}
ALERT_TRAIL: dict[str, Any] = ALERT | {
    "event": "listing_opened/spamhaus-zen/192.0.2.10/2026-11-18T11:00:00+00:00",
    "part_of": None,
    "inhibited_by": [],
    "silences": [],
    "why": ["robin.doe@esp.example, the account manager, was told by mail: route 'the rest', at once."],
}
RESENT: dict[str, Any] = {"id": "60690665-2403-53a8-948f-358e417e1282", "resent": True}
ENDED: dict[str, Any] = {"id": "s-0a1b2c3d", "ended": True}
FOUND: dict[str, Any] = {
    "customers": [CUSTOMER],
    "listings": [LISTING],
    "blocks": [EPISODE],
    "drafts": [DRAFT],
    "reports": [REPORT],
    "events": [EVENT],
}
TOKEN: dict[str, Any] = {
    "id": "260eebe40a103376",
    "account": "A805412FEDD3DEDD1",
    "name": "help desk",
    "scope": "write",
    "customers": ["acme"],
    "hint": "Z1y6",
    "created_at": AT,
    "expires_at": "2027-02-16T12:00:00Z",
    "last_used_at": None,
    "revoked_at": None,
}
NEW_TOKEN: dict[str, Any] = TOKEN | {"text": "dw_(43 characters, shown this once)Z1y6"}
REVOKED: dict[str, Any] = {"id": "260eebe40a103376", "revoked": True}
CHANGES: dict[str, Any] = {"dry_run": True, "changes": [{"what": "add", "name": "192.0.2.10 (acme)"}]}
FORGOTTEN: dict[str, Any] = {
    "customer": "acme",
    "deleted": {"listing": 3, "event": 12, "draft": 4, "asset": 2, "customer": 1},
    "anonymised": {"event": 2},
}
CUSTOMER_DATA: dict[str, Any] = {
    "customer": CUSTOMER | {"assets": [ASSET]},
    "listings": [LISTING],
    "blocks": [EPISODE],
    "events": [EVENT],
    "drafts": [DRAFT],
    "warmups": [],
    "action_requests": [],
    "practice": [],
    "advice": [],
    "reports": [],
    "report_words": [],
    "report_contacts": [],
}
