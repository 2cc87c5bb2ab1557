"""Reports, what was said of them, and their contacts."""

from typing import Any

from deliverwatch.flows.ports import ReportRun
from deliverwatch.flows.report_ports import Contact, ContactState, ReportWord, WeekPlan
from deliverwatch.store.mapping.rows import AnyRow


def report(row: AnyRow) -> ReportRun:
    return ReportRun(
        id=row.id,
        customer=row.customer,
        week=row.week,
        made_at=row.made_at,
        subject=row.subject,
        html=row.html,
        text=row.text,
        sent_to=tuple(row.sent_to),
        listing_keys=tuple(row.listing_keys),
        figures=row.figures,
        note=row.note,
        bulletin=tuple(row.bulletin),
    )


def report_values(value: ReportRun) -> dict[str, Any]:
    return {
        "id": value.id,
        "customer": value.customer,
        "week": value.week,
        "made_at": value.made_at,
        "subject": value.subject,
        "html": value.html,
        "text": value.text,
        "sent_to": list(value.sent_to),
        "listing_keys": list(value.listing_keys),
        "figures": dict(value.figures),
        "note": value.note,
        "bulletin": list(value.bulletin),
        "archived_at": None,
    }


def word(row: AnyRow) -> ReportWord:
    return ReportWord(row.customer, row.week, WeekPlan(row.plan), row.note, row.reason, row.by, row.at)


def word_values(value: ReportWord) -> dict[str, Any]:
    return {
        "customer": value.customer,
        "week": value.week,
        "plan": str(value.plan),
        "note": value.note,
        "reason": value.reason,
        "by": value.by,
        "at": value.at,
    }


def contact(row: AnyRow) -> Contact:
    return Contact(row.customer, row.address, ContactState(row.state), row.at, row.why, row.seen_to_at)


def contact_values(value: Contact) -> dict[str, Any]:
    return {
        "customer": value.customer,
        "address": value.address,
        "state": str(value.state),
        "at": value.at,
        "why": value.why,
        "seen_to_at": value.seen_to_at,
    }
