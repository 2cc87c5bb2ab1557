"""One draft as a person reads it at a terminal: how it is sent, what is missing, the fields to copy, the text."""

from collections.abc import Iterator, Sequence

from deliverwatch.core.remediation.draft import Draft, DraftField, DraftStep
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.render.draft_words import CHANNELS, LETTERS, blocker_words, field_words, named_in_order
from deliverwatch.render.json_times import instant

_WIDTH = 28


def sheet(draft: Draft, steps: Sequence[DraftStep]) -> list[str]:
    subjects = ", ".join(named_in_order(draft.subjects))
    lines = [f"{draft.id}  {draft.state}  {subjects}: {LETTERS[draft.letter]} to {draft.addressee}"]
    lines += [f"!  {draft.caveat}"] if draft.caveat else []
    lines += [_way(draft)]
    lines += [f"to {draft.to}"] if draft.to and draft.url else []
    lines += [f"pulled by {draft.pulled_by}, {instant(draft.pulled_at)}"] if draft.pulled_by else []
    lines += [f"ticket {draft.ticket}"] if draft.ticket else []
    lines += _section("to do by hand", draft.steps)
    lines += _section("missing", [f"{_named(draft, each.field)}: {each.why}" for each in draft.missing])
    lines += _section("against sending it now", [blocker_words(each) for each in draft.blockers])
    lines += _section("fields", [line for each in draft.fields for line in _field(each, draft.text)])
    lines += ["", f"text ({draft.language})", "", *draft.text.splitlines()]
    if draft.text_english is not None:
        lines += ["", "the same in English, not to be sent", "", *draft.text_english.splitlines()]
    lines += _section("evidence", [f"{each.at}  {each.what}" for each in draft.evidence])
    return [*lines, *_section("history", [_step(step) for step in steps])]


def _way(draft: Draft) -> str:
    if draft.channel is FormChannel.NONE:
        return f"nobody takes requests{f' (about it: {draft.url})' if draft.url else ''}"
    return f"{CHANNELS[draft.channel]}: {draft.url or draft.to or 'see what is to do by hand'}"


def _named(draft: Draft, name: str) -> str:
    """As people call it, and by the name that `drafts edit --set` takes."""
    words = field_words(draft, name)
    is_field = any(field.name == name for field in draft.fields)
    return f"{words} ({name})" if is_field and words.casefold() != name.casefold() else words


def _field(field: DraftField, text: str) -> Iterator[str]:
    """A label that is longer than its column has the value below it."""
    value = "the text below" if field.value is not None and field.value.strip() == text.strip() else field.value
    if len(field.label) <= _WIDTH:
        yield f"{field.label:<{_WIDTH}} {value or '-'}"
    else:
        yield field.label
        yield f"{'':<{_WIDTH}} {value or '-'}"


def _step(step: DraftStep) -> str:
    said = f"{instant(step.at)}  {step.action.replace('_', ' ')} by {step.by}"
    return said + (f": {step.note}" if step.note else "")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []
