"""Rows for tables that the sandbox's week leaves empty, so that every field has a value to be spoilt."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from deliverwatch.store.engine import open_engine, read_url
from deliverwatch.store.tables import METADATA

_SOME = range(3)
_TO_ALL = {"customer": None, "subject": None, "place": None, "family": None, "ended_at": None, "settled_at": None}


def seed(path: Path, now: datetime) -> None:
    engine = open_engine(read_url(f"sqlite:///{path}"))
    with engine.begin() as connection:
        for name, rows in _seeds(now).items():
            table = METADATA.tables[name]
            connection.execute(table.insert(), rows)
        draft = METADATA.tables["draft"]
        by_mail = (draft.c.channel == "email", draft.c.state == "prepared")
        connection.execute(draft.update().where(*by_mail).values(to="postmaster@provider.example"))
    engine.dispose()


def _seeds(now: datetime) -> Mapping[str, Sequence[dict[str, Any]]]:
    hour = timedelta(hours=1)
    day = now.date() - timedelta(days=1)
    return {
        "silence": [
            {"id": f"s-{n}", "begins_at": now - hour, "until_at": now + hour, "by": "x", "reason": "x", **_TO_ALL}
            for n in _SOME
        ],
        "signal": [
            {**{"day": day, "provider": "microsoft_consumer", "subject": subject, "name": name, "detail": ""},
             **{"value": None, "text": "x", "source": "snds"}}
            for subject in ("192.0.2.10", "198.51.100.35")
            for name in ("snds_blocked", "snds_colour", "snds_complaint_ratio")
        ],
        "rejection": [
            {"source": source, "at": now - hour, "origin": "x", "line": n, "why": "x"}
            for source in ("powermta", "postfix")
            for n in _SOME
        ],
        "reply_cluster": [
            {"digest": f"{n}", "template": "x", "replies": 9, "looks_like_block": True,
             "first_at": now - hour, "last_at": now}
            for n in _SOME
        ],
        "watch_gap": [
            {"list_id": "psbl", "subject": f"192.0.2.{n}", "subject_kind": "ipv4", "since": now - hour, "until": None,
             "outcome": "unreachable", "detail": "x"}
            for n in (8, 9, 12)
        ],
        "look_request": [
            {"list_id": "psbl", "subject": "192.0.2.9", "subject_kind": "ipv4", "asked_at": now - hour}
        ],
        "report_word": [
            {"customer": each, "week": week, "plan": plan, "note": "x", "reason": "x", "by": "x", "at": now}
            for each in ("acme", "delta")
            for week, plan in (("2026-W47", "held"), ("2026-W48", "skipped"), ("2026-W49", "held"))
        ],
        "report_contact": [
            {"customer": each, "address": f"{n}@{each}.example", "state": state, "at": now, "why": "x",
             "seen_to_at": None}
            for each in ("acme", "delta")
            for n, state in enumerate(("bounced", "unsubscribed", "well"))
        ],
        "provider_episode": [
            {"key": f"warning_opened/{ip}", "kind": "warning", "provider": "microsoft_consumer", "subject": ip,
             "subject_kind": "ipv4", "what": "compliance: x", "reply_class": None, "opened_at": now - hour,
             "last_seen_at": now, "closed_at": None, "ended": None, "mail_share": None, "evidence":
             {"now": ["x", "x"], "days": [{"on": str(day), "value": "x", "text": "x"}], "samples": ["x"]}}
            for ip in ("192.0.2.10", "198.51.100.35", "192.0.2.11")
        ],
        "sign_in_failure": [{"name": "x", "address": "192.0.2.99", "at": now} for _ in _SOME],
        "known_address": [{"name": "ops", "address": "192.0.2.99", "at": now}],
        "measure": [
            {"starts_at": now - hour, "lasts_seconds": 3600, "source": "postfix", "ip": "192.0.2.10",
             "provider": "google", "domain": "news.acme.example", "pool": "", "campaign": "", "subaccount": "",
             "attempted": 10, "delivered": 9, "deferred": 0, "bounced": 1, "complaints": 1, "as_of": now}
        ],
        "platform_reading": [
            {"day": now.date(), "platform": "sparkpost", "ip": ip, "read_at": now, "warming": True, "stage": 2,
             "progress_ratio": 0.5, "pool": "x", "stages": 9, "started_on": day}
            for ip in ("198.51.100.33", "198.51.100.35", "198.51.100.36")
        ],
        "platform_proposal": [
            {"id": 1, "facts": {
                "platform": "sparkpost", "read_at": now.isoformat(), "ips": [["203.0.113.77", "p", None]],
                "pools": [["p", "x", None]], "subaccounts": [["7", "x", "active"], ["8", "x", "active"]], "domains": [],
            }}
        ],
    }  # fmt: skip
