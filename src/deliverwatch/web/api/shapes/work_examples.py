"""Examples of what people work on: drafts and warm-ups."""

from typing import Any

from deliverwatch.web.api.shapes.examples import AT

_NOT_YET = ("pulled_by", "pulled_at", "submitted_at", "submitted_by", "reference", "answered_at", "outcome", "note")
_LATER: dict[str, Any] = dict.fromkeys((*_NOT_YET, "follow_up_at", "ticket"))
DRAFT: dict[str, Any] = {
    "id": "d-b21846b9f269c",
    "customer": "acme",
    "form": "psbl",
    "provider": "psbl",
    "addressee": "Passive Spam Block List",
    "kind": "listing",
    "letter": "request",
    "channel": "web_form",
    "url": "https://lists.example/remove",
    "to": None,
    "subjects": ["192.0.2.20"],
    "episodes": ["listing_opened/psbl/192.0.2.20/2026-11-18T11:00:00+00:00"],
    "state": "prepared",
    "follow_up_of": None,
    "round": 0,
    "missing": [],
    "blockers": [],
    "fields": [
        {
            "name": "ip",
            "label": "IP address",
            "value": "192.0.2.20",
            "limit": None,
            "source": "look-ups of 2026-11-18 11:00 UTC and 2026-11-18 12:00 UTC by 192.0.2.54:53",
            "required": True,
            "values": [],
            "edited_by": None,
        }
    ],
    "text": "IP address: 192.0.2.20\n",
    "text_english": None,
    "language": "en",
    "caveat": None,
    "steps": ["Enter the address and click through the pages that follow."],
    "evidence": [{"at": AT, "what": "second, independent look by 192.0.2.54:53: 192.0.2.20 answered 127.0.0.2"}],
    "facts": {"ips": "192.0.2.20", "codes": "127.0.0.2", "listed_since": "2026-11-18 11:00 UTC"},
    "edits": [],
    "created_at": AT,
    "changed_at": AT,
    "due_at": "2026-11-18T18:00:00Z",
    **_LATER,
    "version": 1,
}
DRAFT_STEP: dict[str, Any] = {
    "at": AT,
    "state": "prepared",
    "by": "deliverwatch",
    "note": None,
    "action": "prepared",
    "facts": {},
}
WHOLE_DRAFT: dict[str, Any] = DRAFT | {"history": [DRAFT_STEP]}
ANSWERED_DRAFT: dict[str, Any] = DRAFT | {
    "state": "answered",
    "pulled_by": "robin",
    "pulled_at": AT,
    "submitted_by": "robin",
    "submitted_at": AT,
    "reference": "SRX 1234",
    "answered_at": "2026-11-19T09:30:00Z",
    "outcome": "granted",
    "note": "gone within the hour",
    "version": 4,
    "follow_up": None,
}
ACTION_REQUEST: dict[str, Any] = {
    "id": "a-cd81b1ca89b64",
    "draft": "d-08be0669b94ff",
    "customer": "acme",
    "language": "en",
    "questions": ["cause", "what_changed"],
    "sent_to": ["postmaster@acme.example"],
}
_DAY: dict[str, Any] = {
    "on": "2026-11-17",
    "allowed": 2000,
    "attempted": 1800,
    "attempted_least": 1800,
    "delivered": 1790,
    "deferred": 6,
    "bounced": 4,
    "complaints": None,
}
_NEXT: dict[str, Any] = {
    "on": "2026-11-18",
    "allowance": 4000,
    "decision": "advance",
    "because": "the stage was sent in full",
    "demand": 5000,
}
WARMUP: dict[str, Any] = {
    "ip": "192.0.2.30",
    "customer": "acme",
    "plan": "sparkpost-stages",
    "stage": 2,
    "day": 3,
    "started_on": "2026-11-16",
    "state": "on_plan",
    "held_by_platform": False,
    "platform_stops_on": None,
    "reason": "On plan.",
    "judged_on": "2026-11-17",
    "yesterday": _DAY,
    "next": _NEXT,
    "expected_finish_on": "2027-01-15",
    "holds": [],
    "providers": [],
    "pool": "acme-news",
    "zone": "America/New_York",
    "stages": 29,
    "plan_version": 1,
    "over_plan_why": None,
    "ended": None,
    "ended_on": None,
    "shared": False,
    "advice": {"text": "Send on each day of the plan.", "why": None, "source": None},
}
STARTED_WARMUP: dict[str, Any] = WARMUP | {
    "stage": 1,
    "day": 0,
    "state": "unknown",
    "reason": "It begins on Tue 1 Dec 2026.",
    "started_on": "2026-12-01",
    "judged_on": None,
    "yesterday": None,
    "expected_finish_on": None,
    "warnings": [{"kind": "ptr_unknown", "text": "Its reverse name could not be looked up: no answer in time."}],
}
WARMUP_HISTORY: dict[str, Any] = WARMUP | {
    "days": [_DAY | {"stage": 2}],
    "steps": [{"at": AT, "kind": "started", "by": "robin", "reason": None, "stage": 1}],
    "plan_versions": [{"version": 1, "plan": "sparkpost-stages"}],
}
