"""An alert as an event of PagerDuty's Events API v2, which opens an incident or resolves one.

What opens and what ends have the same `dedup_key`, made from what stays the same in between: the list or provider, and
whom it is about. It is never made from the times, so that a reminder and a change fall to the incident that is open. An
incident of several subjects is resolved by an end of just these; if they end in parts, none of it says that all is
over, and a person resolves it. The routing key is added when it is sent (`channels.pagerduty`).
https://developer.pagerduty.com/docs/send-alert-event (looked at on 2026-11-26)
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from deliverwatch.core.alerting import AlertView, Notification
from deliverwatch.core.events import Event, EventKind
from deliverwatch.core.instants import rfc3339
from deliverwatch.core.routing import Family, family_of
from deliverwatch.flows.ports import Words
from deliverwatch.render.alert_severity import Severity, is_end, severity
from deliverwatch.render.alerts import shown_rows
from deliverwatch.render.encode import in_mail
from deliverwatch.render.stories import story_of
from deliverwatch.render.story import Story, list_name, subjects

_MOST_IN_SUMMARY = 1024
_MOST_IN_SOURCE = 255
_WITHOUT_END = frozenset(
    {
        EventKind.WARMUP_STEPPED_BACK,
        EventKind.WARMUP_NOTICE,
        EventKind.WARMUP_UNPLANNED,
        EventKind.CODE_UNEXPLAINED,
        EventKind.LIST_FAILING,
        EventKind.LIST_STALE,
        EventKind.WATCHES_STALE,
        EventKind.PLATFORM_DIFFERS,
        EventKind.SENDERS_UNWATCHED,
        EventKind.REPORT_WAITS,
        EventKind.REPORT_CONTACT_LOST,
    }
)
_STAYS: Mapping[Family, tuple[str, ...]] = {
    Family.LISTING: (),
    Family.BLOCK: ("provider", "what"),
    Family.THROTTLE: ("provider", "what"),
    Family.FINDING: ("provider", "what"),
    Family.WARNING: ("provider", "what"),
    Family.WARMUP: ("run_id",),
    Family.INSTALLATION: ("path", "trouble", "channel"),
}
"""The facts that a beginning and its end have in common."""
_ABOUT_LISTS = frozenset({Family.LISTING, Family.INSTALLATION})


def dedup_key(event: Event) -> str:
    if event.kind in _WITHOUT_END:
        return _digest(event.key)
    family = family_of(event.kind)
    about = event.facts.get("members") or [event.subject.value if event.subject is not None else ""]
    stays = (str(event.facts.get(name)) for name in _STAYS[family])
    return _digest(family, event.list_id if family in _ABOUT_LISTS else "", *stays, *sorted(about))


def pager_alert(view: AlertView, words: Words) -> dict[str, Any]:
    event, story = view.event, story_of(view)
    facts = event.facts
    payload = {
        "summary": words.subject[:_MOST_IN_SUMMARY],
        "source": in_mail(", ".join(subjects(view)) or list_name(view) or "deliverwatch", _MOST_IN_SOURCE),
        "severity": severity(view),
        "timestamp": rfc3339(event.at),
        "component": in_mail(str(facts.get("provider_name") or facts.get("provider") or list_name(view)), 80),
        "group": family_of(event.kind),
        "class": event.kind,
        "custom_details": _details(view, story),
    }
    return _event("resolve" if is_end(view) else "trigger", dedup_key(event), payload, view.public_url)


def pager_digest(
    words: Words, lines: Sequence[str], worst: Severity, note: Notification, public_url: str | None
) -> dict[str, Any]:
    payload = {
        "summary": words.subject[:_MOST_IN_SUMMARY],
        "source": "deliverwatch",
        "severity": worst,
        "timestamp": rfc3339(note.created_at),
        "class": "digest",
        "custom_details": {"lines": list(lines)},
    }
    return _event("trigger", note.message_id, payload, public_url)


def _event(action: str, key: str, payload: Mapping[str, Any], public_url: str | None) -> dict[str, Any]:
    client = {"client": "deliverwatch", **({"client_url": public_url} if public_url else {})}
    return {"event_action": action, "dedup_key": key, **client, "payload": payload}


def _details(view: AlertView, story: Story) -> dict[str, str]:
    """Rows of one label (replies) become one."""
    details = {"What": story.what}
    for label, value in shown_rows(view, story):
        details[label] = f"{details[label]}\n{value}" if label in details else value
    return details | {"What it means": story.means, "What we do next": story.we_do, "What you do": story.you_do}


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
