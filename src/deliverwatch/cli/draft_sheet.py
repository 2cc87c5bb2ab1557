"""One draft as a person reads it at a terminal: how it is sent, what is missing, the fields to copy, the text."""

from collections.abc import Sequence

from deliverwatch.cli.output import instant
from deliverwatch.core.remediation.draft import Blocker, Draft, DraftField, DraftStep

_WIDTH = 28


def sheet(draft: Draft, steps: Sequence[DraftStep]) -> list[str]:
    lines = [f"{draft.id}  {draft.state}  {', '.join(draft.subjects)}: {draft.letter} to {draft.addressee}"]
    lines += [f"!  {draft.caveat}"] if draft.caveat else []
    lines += [f"by {draft.channel}: {draft.url or draft.to or 'see what is to do by hand'}"]
    lines += [f"to {draft.to}"] if draft.to and draft.url else []
    lines += [f"pulled by {draft.pulled_by}, {instant(draft.pulled_at)}"] if draft.pulled_by else []
    lines += [f"ticket {draft.ticket}"] if draft.ticket else []
    lines += _section("to do by hand", draft.steps)
    lines += _section("missing", [f"{each.field}: {each.why}" for each in draft.missing])
    lines += _section("against sending it now", [_blocker(each) for each in draft.blockers])
    lines += _section("fields", [_field(each, draft.text) for each in draft.fields])
    lines += ["", f"text ({draft.language})", "", *draft.text.splitlines()]
    if draft.text_english is not None:
        lines += ["", "the same in English, not to be sent", "", *draft.text_english.splitlines()]
    lines += _section("evidence", [f"{each.at}  {each.what}" for each in draft.evidence])
    return [*lines, *_section("history", [_step(step) for step in steps])]


def _field(field: DraftField, text: str) -> str:
    value = "the text below" if field.value is not None and field.value.strip() == text.strip() else field.value
    return f"{field.label:<{_WIDTH}} {value or '-'}"


def _blocker(blocker: Blocker) -> str:
    said = f"{blocker.check}: {blocker.found}. {blocker.fix[:1].upper()}{blocker.fix[1:]}"
    if blocker.stands:
        return said
    return f"{said} (overruled by {blocker.overruled_by}: {blocker.overruled_because})"


def _step(step: DraftStep) -> str:
    return f"{instant(step.at)}  {step.action} by {step.by}" + (f": {step.note}" if step.note else "")


def _section(title: str, lines: Sequence[str]) -> list[str]:
    return ["", title, *(f"  {line}" for line in lines)] if lines else []
