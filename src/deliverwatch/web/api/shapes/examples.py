"""Examples of whole documents, for whoever reads OpenAPI: one of a kind, of documentation addresses alone."""

from typing import Any

AT = "2026-11-18T12:00:00Z"
CUSTOMER: dict[str, Any] = {
    "id": "acme",
    "name": "Acme Ltd",
    "service_time_zone": "eastern",
    "language": "en",
    "tam": {"name": "Robin Doe", "email": "robin.doe@esp.example", "phone": None},
    "contacts": ["postmaster@acme.example"],
    "report": {"enabled": True},
}
ASSET: dict[str, Any] = {
    "name": "192.0.2.10",
    "shared": False,
    "pool": "acme-news",
    "stream": "newsletter",
    "roles": [],
    "dkim_selectors": [],
    "network_owner": None,
    "from": None,
    "until": None,
}
LISTING: dict[str, Any] = {
    "subject": "192.0.2.10",
    "list": "spamhaus-zen",
    "incident": "5f2d8c0e1b7a4c39",
    "opened_at": AT,
    "confirmed_at": AT,
    "closed_at": None,
    "ended": None,
    "codes": ["127.0.0.2"],
    "meanings": ["SBL: under control of spammers"],
    "impact": "critical",
    "mail_share": 0.25,
    "evidence": {"path": "192.0.2.53:53", "reason": None},
    "likely_cause": None,
}
EPISODE: dict[str, Any] = {
    "id": "9c1e6a7d40b25f83",
    "kind": "block",
    "provider": "microsoft_consumer",
    "subject": "192.0.2.10",
    "subject_kind": "ipv4",
    "class": "ip_block",
    "what": "ip_block",
    "opened_at": AT,
    "last_seen_at": AT,
    "closed_at": None,
    "ended": None,
    "mail_share": None,
    "customers": ["acme"],
    "evidence": {"replies": 90},
    "likely_cause": None,
}
EVENT: dict[str, Any] = {
    "number": 4711,
    "kind": "listing_opened",
    "family": "listing",
    "at": AT,
    "list": "spamhaus-zen",
    "provider": None,
    "subject": "192.0.2.10",
    "customers": ["acme"],
    "facts": {"codes": ["127.0.0.2"]},
}
REPORT: dict[str, Any] = {
    "id": "r-acme-2026-W47",
    "customer": "acme",
    "week": "2026-W47",
    "made_at": AT,
    "subject": "Acme Ltd: your week",
    "to": ["postmaster@acme.example"],
    "figures": {"open_listings": 1},
}
SILENCE: dict[str, Any] = {
    "id": "s-0a1b2c3d",
    "begins_at": AT,
    "until_at": "2026-11-20T12:00:00Z",
    "ended_at": None,
    "by": "robin",
    "reason": "the pool is being moved",
    "customer": "acme",
    "subject": None,
    "place": None,
    "kind": None,
}
ME: dict[str, Any] = {
    "account": "A805412FEDD3DEDD1",
    "by": "robin (help desk)",
    "acts": ["look", "work"],
    "sees_all": False,
    "customers": ["acme"],
    "token": "9c22ddbd8abcf342",
}
