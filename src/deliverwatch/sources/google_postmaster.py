"""What Gmail says of our domains: Postmaster Tools API v2 (discovery document of revision 20260623).

Figures are per domain and day, a day or two late, and come under names that the asker chose; ours are those of
`METRICS`. Rates are 0 to 1. Gmail shows nothing for a day with little mail: no row, or a row without a value, which is
"no data" and not zero. Numbers may come as text (int64 in proto3's JSON form). Whether the sender guidelines are met is
told without a date: it is what holds today. There is no reputation any more.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from deliverwatch.core.delivery import Ignored, Item, Signal, SignalName
from deliverwatch.flows.source_ports import ReaderOptions
from deliverwatch.sources import values
from deliverwatch.sources.documents import reader

PROVIDER = "google"
_REASONS = {
    "reject": (
        "bad_attachment",
        "bad_or_missing_ptr_record",
        "ip_in_rbls",
        "low_domain_reputation",
        "low_ip_reputation",
        "spammy_content",
        "stamp_policy_error",
        "other",
    ),
    "temp_fail": ("anomalous_traffic_pattern", "other"),
}
_AUTHENTICATION = ("spf", "dkim", "dmarc")
_STATES = {"COMPLIANT": "compliant", "NEEDS_WORK": "needs_work"}
_REQUIREMENTS = frozenset(
    {"spf", "dkim", "spf_and_dkim", "dmarc_policy", "dmarc_alignment", "message_formatting", "dns_records"}
    | {"encryption", "user_reported_spam_rate", "one_click_unsubscribe", "honor_unsubscribe"}
)
_VERDICTS = {
    "oneClickUnsubscribeVerdict": "one_click_unsubscribe",
    "honorUnsubscribeVerdict": "honor_unsubscribe",
    "deliverabilityStatusVerdict": "deliverability_status",
}


def _metrics() -> dict[str, tuple[SignalName, str]]:
    found = {"spam_rate": (SignalName.SPAM_RATE, "")}
    found |= {f"auth_success_rate_{kind}": (SignalName.AUTH_SUCCESS_RATIO, kind) for kind in _AUTHENTICATION}
    for kind, reasons in _REASONS.items():
        found[f"delivery_error_rate_{kind}"] = (SignalName.DELIVERY_ERROR_RATIO, kind)
        for reason in reasons:
            found[f"delivery_error_rate_{kind}_{reason}"] = (SignalName.DELIVERY_ERROR_RATIO, f"{kind}: {reason}")
    return found


METRICS = _metrics()
"""The names under which figures are asked for: which signal each is, and its detail."""


def _cut(document: Any) -> Sequence[Any]:
    """An answer of domainStats:query, a complianceStatus, or a list of such."""
    if isinstance(document, list):
        return [record for each in document for record in _records(each)]
    return _records(document)


def _records(document: Any) -> Sequence[Any]:
    if not isinstance(document, dict):
        raise ValueError("expected an answer of Postmaster Tools: an object with domainStats or complianceData")
    if "error" in document:
        raise ValueError("an error message of Postmaster Tools, no data")
    if "complianceData" in document or "subdomainComplianceData" in document:
        return [document]
    stats = document.get("domainStats", [])
    if not isinstance(stats, list) or (document and not document.keys() & {"domainStats", "nextPageToken"}):
        raise ValueError("expected an object with a list domainStats, or with complianceData")
    return stats


def _read(record: Any, options: ReaderOptions) -> Sequence[Item]:
    if not isinstance(record, dict):
        raise ValueError("expected an object with name, metric and date")
    if not record.keys() & {"complianceData", "subdomainComplianceData"}:
        return [_stat(record)]
    today = options.now.astimezone(options.zone).date()
    return [
        signal
        for key in ("complianceData", "subdomainComplianceData")
        if record.get(key) is not None
        for signal in _compliance(record[key], today)
    ]


def _stat(record: dict[str, Any]) -> Item:
    metric = record.get("metric")
    if not isinstance(metric, str):
        raise ValueError("metric: expected a name")
    known = METRICS.get(metric.lower())
    if known is None:
        return Ignored()
    name = record.get("name")
    parts = name.split("/") if isinstance(name, str) else []
    subject = _domain(parts[1] if len(parts) > 1 and parts[0] == "domains" else None, "name")
    return Signal(known[0], PROVIDER, subject, _on(record.get("date")), _ratio(record.get("value")), detail=known[1])


def _ratio(value: Any) -> float | None:
    """None for an empty value: no data."""
    if value is None or value == {}:
        return None
    told = (
        next((value[key] for key in ("doubleValue", "floatValue", "intValue") if key in value), None)
        if isinstance(value, dict)
        else None
    )
    try:
        ratio = -1.0 if told is None or isinstance(told, bool) else float(told)
    except (TypeError, ValueError, OverflowError):
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise ValueError("value: expected a number from 0 to 1")
    return ratio


def _on(value: Any) -> date:
    told = [value.get(key) for key in ("year", "month", "day")] if isinstance(value, dict) else []
    try:
        year, month, day = (number for number in told if type(number) is int)
        found = date(year, month, day)
    except (ValueError, OverflowError):
        found = None
    if found is None or not 2000 <= found.year < 2100:
        raise ValueError("date: expected year, month and day")
    return found


def _compliance(data: Any, today: date) -> list[Signal]:
    """Requirements that Gmail has no opinion of are left out."""
    rows = data.get("rowData") or [] if isinstance(data, dict) else None
    if not isinstance(rows, list):
        raise ValueError("complianceData: expected an object with a list rowData")
    told = [(_requirement(row), row.get("status")) for row in rows if isinstance(row, dict)]
    for key, requirement in _VERDICTS.items():
        verdict = data.get(key)
        if isinstance(verdict, dict):
            told.append((requirement, verdict.get("status") or verdict.get("state")))
    subject = _domain(data.get("domainId"), "domainId")
    states = {requirement: state for requirement, status in told if requirement and (state := _state(status))}
    return [Signal(SignalName.COMPLIANCE, PROVIDER, subject, today, None, text, what) for what, text in states.items()]


def _requirement(row: dict[str, Any]) -> str | None:
    name = row.get("requirement")
    return name.lower() if isinstance(name, str) and name.lower() in _REQUIREMENTS else None


def _state(status: Any) -> str | None:
    state = status.get("status") if isinstance(status, dict) else None
    return _STATES.get(state) if isinstance(state, str) else None


def _domain(text: Any, field: str) -> str:
    found = values.domain(text) if isinstance(text, str) and len(text) < 300 else None
    if found is None:
        raise ValueError(f"{field}: expected a domain")
    return found


READER = reader(_cut, _read)
