"""The fields of a form from the facts, in the form's own order, each from the one fact it names.

A field that takes the whole text gets the brief version when the long one breaks its limit. Nothing is cut: what is
still too long is said.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from deliverwatch.core.remediation.draft import DraftField, Missing
from deliverwatch.core.remediation.facts import Fact, Facts, why_missing
from deliverwatch.core.remediation.form import FormField

TEXT = "text"


def fill(
    wanted: tuple[FormField, ...],
    facts: Facts,
    text: str,
    brief: Callable[[], str],
    awaited: Mapping[str, str] = MappingProxyType({}),
) -> tuple[tuple[DraftField, ...], tuple[Missing, ...]]:
    """The fields in the form's order, and what is missing or too long. `awaited`: of the customer (`missing`)."""
    fields, missing = [], []
    for field in wanted:
        fact = _text_fact(field, text, brief) if field.fact == TEXT else facts.get(field.fact)
        filled, why = _filled(field, fact, awaited)
        fields.append(filled)
        missing += [Missing(field.name, why)] if why else []
    return tuple(fields), tuple(missing)


def _text_fact(field: FormField, text: str, brief: Callable[[], str]) -> Fact:
    text = text.strip()
    if field.limit is not None and len(text) > field.limit:
        return Fact.of(brief().strip(), "the text of the request, in its brief version")
    return Fact.of(text, "the text of the request")


def _filled(field: FormField, fact: Fact | None, awaited: Mapping[str, str]) -> tuple[DraftField, str | None]:
    value = field.separator.join(fact.values) if fact is not None else None
    choices = tuple(dict.fromkeys(field.values.values()))
    if value is not None and fact is not None and field.values:
        value = field.values.get(fact.value, field.values.get("*"))
    source = fact.source if fact is not None and value is not None else None
    filled = DraftField(field.name, field.label, value, field.limit, source, field.required, choices)
    return filled, _why(field, fact, value, awaited)


def _why(field: FormField, fact: Fact | None, value: str | None, awaited: Mapping[str, str]) -> str | None:
    if value is None and fact is not None:
        return f"the form offers no choice for {fact.value!r}: choose one of {', '.join(field.values.values())}"
    if value is None:
        return why_missing(field.fact, awaited) if field.required else None
    return too_long(value, field.limit)


def too_long(value: str, limit: int | None) -> str | None:
    if limit is None or len(value) <= limit:
        return None
    return f"{len(value)} characters, the form takes {limit}: shorten it"


def listed(fields: tuple[DraftField, ...]) -> str:
    """A text that says no more than the fields do."""
    return "".join(f"{field.label}: {field.value or '-'}\n" for field in fields)
