"""What is shown of a form: its JSON, and lines for people."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from deliverwatch.core.remediation.form import Form, FormField, LetterKind, ListCodes, Quota

FIELD_COLUMNS = ("field", "label", "filled from", "required", "limit", "choices")
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def document(form: Form) -> dict[str, Any]:
    return {
        "id": form.id,
        "name": form.name,
        "channel": form.channel,
        "url": form.url,
        "to": list(form.to),
        "sender": form.sender,
        "lists": [{"list": each.list_id, "codes": list(each.codes)} for each in form.lists],
        "providers": list(form.providers),
        "languages": list(form.languages),
        "kinds": sorted(form.kinds),
        "most": form.most,
        "confidence": form.confidence,
        "checked_on": form.checked_on.isoformat(),
        "source": form.source,
        "caveat": form.caveat,
    }


def whole_document(form: Form) -> dict[str, Any]:
    quota, expires = form.quota, form.expires
    return document(form) | {
        "escalate_to": form.escalate_to,
        "steps": list(form.steps),
        "instead": form.instead,
        "requires": sorted(form.requires),
        "answer": {
            "usual_for": form.answer.usual_for,
            "words": form.answer.words,
            "replies": form.answer.replies,
        },
        "expires": expires and {"words": expires.words, "wait_for": expires.wait_for},
        "again_after": form.again_after,
        "quota": quota and {"requests": quota.requests, "within": quota.within, "per": quota.per},
        "follow_up": {kind: form.way_of(kind) for kind in LetterKind if kind is not LetterKind.REQUEST},
        "check_mx": form.check_mx,
        "fields": [_field_document(field) for field in form.fields],
        "digest": form.digest,
    }


def _field_document(field: FormField) -> dict[str, Any]:
    return {
        "name": field.name,
        "label": field.label,
        "fact": field.fact,
        "required": field.required,
        "limit": field.limit,
        "values": dict(field.values),
        "separator": field.separator,
    }


def whom(form: Form) -> str | None:
    """The lists and providers it reaches."""
    return ", ".join([*map(_list_words, form.lists), *form.providers]) or None


def _list_words(each: ListCodes) -> str:
    return f"{each.list_id} ({', '.join(each.codes)})" if each.codes else each.list_id


def lines(form: Form) -> Iterator[str]:
    yield f"{form.name} ({form.id})"
    yield ""
    if form.caveat is not None:
        yield f"  mind: {form.caveat}"
    for label, value in _facts(form):
        if value:
            yield f"  {label:<22} {value}"
    for number, step in enumerate(form.steps, start=1):
        yield f"  {f'step {number}':<22} {step}"


def _facts(form: Form) -> Iterable[tuple[str, str | None]]:
    return [
        ("for", whom(form) or "whoever has no form of its own"),
        ("channel", form.channel.replace("_", " ")),
        ("page", form.url),
        ("to", ", ".join(form.to)),
        ("instead", form.instead),
        ("whose request it hears", form.sender.replace("_", " ")),
        ("takes", ", ".join(sorted(form.kinds)) or "addresses and domains"),
        ("subjects in a request", f"{form.most:,}"),
        ("languages", ", ".join(["en", *form.languages])),
        ("demands", ", ".join(sorted(form.requires))),
        ("answers", form.answer.words),
        ("ends by itself", form.expires.words if form.expires is not None else None),
        ("again after", _span(form.again_after) if form.again_after is not None else None),
        ("quota", _quota(form.quota) if form.quota is not None else None),
        ("follow-ups", ", ".join(f"{kind.replace('_', ' ')}: {way}" for kind, way in _ways(form))),
        ("escalation", form.escalate_to),
        ("source", form.source),
        ("checked on", f"{form.checked_on}, confidence {form.confidence}"),
    ]


def _ways(form: Form) -> Iterator[tuple[str, str]]:
    return ((kind, form.way_of(kind)) for kind in LetterKind if kind is not LetterKind.REQUEST)


def _quota(quota: Quota) -> str:
    return f"{quota.requests} in {_span(quota.within)} for one {quota.per}"


def _span(span: timedelta) -> str:
    for unit, name in ((_DAY, "days"), (_HOUR, "hours"), (timedelta(minutes=1), "minutes")):
        if span % unit == timedelta() and span >= unit:
            return f"{span // unit} {name.removesuffix('s') if span == unit else name}"
    return str(span)


def field_rows(form: Form) -> Iterator[tuple[Any, ...]]:
    for field in form.fields:
        choices = ", ".join(dict.fromkeys(field.values.values())) or None
        yield field.name, field.label, field.fact, field.required, field.limit, choices
