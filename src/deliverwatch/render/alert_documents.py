"""An alert, or a digest of several, as the document that its channel takes: bytes of JSON, from the story of the mail.

The same input makes the same bytes. They are kept in the database before they are first sent, so no secret is in them.
Mail is made elsewhere (`render.mail`). Our own document, for webhooks, is described in docs/channels.md: its keys are a
promise, what is unknown is null, and no figure is in it that the reader may not know.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from deliverwatch.core.alerting import AlertView, Audience, Notification
from deliverwatch.core.how_soon import urgency
from deliverwatch.core.instants import rfc3339
from deliverwatch.core.routing import ChannelKind, family_of
from deliverwatch.flows.ports import Words
from deliverwatch.render.alert_chat import for_chat, slack_alert, slack_digest
from deliverwatch.render.alert_digest import Parts, digest_lines, in_order, worst
from deliverwatch.render.alert_pager import dedup_key, pager_alert, pager_digest
from deliverwatch.render.alert_severity import Severity, is_end, severity
from deliverwatch.render.alerts import shown_rows
from deliverwatch.render.stories import story_of
from deliverwatch.render.story import knows_the_lead, subjects

_APPRISE_TYPES: Mapping[Severity, str] = {
    Severity.CRITICAL: "failure",
    Severity.ERROR: "failure",
    Severity.WARNING: "warning",
    Severity.INFO: "info",
}


def alert_document(kind: ChannelKind, view: AlertView, words: Words, note: Notification) -> bytes:
    """For every kind but mail. `words`: the same alert as mail says it."""
    return _json(_ALERTS[kind](view, words, note))


def digest_document(kind: ChannelKind, parts: Parts, words: Words, note: Notification) -> bytes:
    """`words`: `digest_words` of the parts."""
    return _json(_DIGESTS[kind](in_order(parts), words, note))


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=1).encode("ascii")


def _hook_alert(view: AlertView, words: Words, note: Notification) -> dict[str, Any]:
    return {"id": note.message_id, **_hook_part(view, words)}


def _hook_part(view: AlertView, words: Words) -> dict[str, Any]:
    event, story = view.event, story_of(view)
    facts = event.facts
    return {
        "event": event.kind,
        "at": rfc3339(event.at),
        "family": family_of(event.kind),
        "episode": dedup_key(event),
        "ends": is_end(view),
        "corrects": view.corrects.message_id if view.corrects is not None else None,
        "severity": severity(view),
        "urgent": urgency(event).urgent,
        "subjects": list(subjects(view)),
        "list": event.list_id or None,
        "list_name": view.blocklist.name if view.blocklist is not None else None,
        "provider": facts.get("provider"),
        "provider_name": facts.get("provider_name"),
        "customers": [customer.id for customer in view.customers],
        "impact": facts.get("impact"),
        "mail_share": _mail_share(view),
        "codes": list(facts.get("codes") or ()) if knows_the_lead(view) else [],
        "subject": words.subject,
        "what": story.what,
        "evidence": [{"label": label, "value": value} for label, value in shown_rows(view, story)],
        "means": story.means,
        "we_do": story.we_do,
        "you_do": story.you_do,
        "text": words.text,
        "url": view.public_url,
    }


def _mail_share(view: AlertView) -> float | None:
    """Of a sender that others use too, it tells how much they send."""
    facts = view.event.facts
    others = set(facts.get("parties", ())) - {customer.id for customer in view.customers}
    if facts.get("shared") or (others and view.audience is not Audience.OPERATOR):
        return None
    return facts.get("mail_share")


def _hook_digest(parts: Parts, words: Words, note: Notification) -> dict[str, Any]:
    return {
        "id": note.message_id,
        "event": "digest",
        "at": rfc3339(note.created_at),
        "severity": worst(parts),
        "subject": words.subject,
        "text": words.text,
        "parts": [_hook_part(view, told) for view, told in parts],
    }


def _apprise(words: Words, worst_of_it: Severity, *, over: bool) -> dict[str, str]:
    type_ = "success" if over else _APPRISE_TYPES[worst_of_it]
    return {"title": for_chat(words.subject), "body": for_chat(words.text), "type": type_}


_Alert = Callable[[AlertView, Words, Notification], Mapping[str, Any]]
_Digest = Callable[[Parts, Words, Notification], Mapping[str, Any]]


def _url(parts: Parts) -> str | None:
    return parts[0][0].public_url


def _told(parts: Parts) -> Sequence[Words]:
    return [words for _, words in parts]


_ALERTS: Mapping[ChannelKind, _Alert] = {
    ChannelKind.SLACK: lambda view, words, _: slack_alert(view, words),
    ChannelKind.PAGERDUTY: lambda view, words, _: pager_alert(view, words),
    ChannelKind.WEBHOOK: _hook_alert,
    ChannelKind.APPRISE: lambda view, words, _: _apprise(words, severity(view), over=is_end(view)),
}
_DIGESTS: Mapping[ChannelKind, _Digest] = {
    ChannelKind.SLACK: lambda parts, words, _: slack_digest(words, digest_lines(parts), _told(parts), _url(parts)),
    ChannelKind.PAGERDUTY: lambda parts, words, note: pager_digest(
        words, digest_lines(parts), worst(parts), note, _url(parts)
    ),
    ChannelKind.WEBHOOK: _hook_digest,
    ChannelKind.APPRISE: lambda parts, words, _: _apprise(words, worst(parts), over=False),
}
