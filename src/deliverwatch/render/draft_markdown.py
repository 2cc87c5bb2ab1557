"""A draft as Markdown: for a ticket, a chat, a file that is handed over.

Everything in it may be foreign, so each value is one line and escaped (CommonMark 0.31 §2.4): what opens emphasis,
code, links or tags anywhere, what begins a heading, list or rule at the start, the pipe of tables, and what GitHub
makes a link of by itself. Dots and hyphens inside a value are left, so that an address can still be read in the source.
The text of the request stands in a fence that is longer than any run of backticks in it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from deliverwatch.core.instants import instant
from deliverwatch.core.remediation.draft import Draft, DraftField, DraftKind, DraftStep
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.visible import visible
from deliverwatch.render.draft_words import CHANNELS, LETTERS, blocker_words, field_words, named_in_order

_MOST = 4000  # characters of a value
_MOST_LINE = 1 << 20
_OPENS = re.compile(r"[\\`*_\[\]<>&~$]")
_LINK = re.compile(r"://|(?<=www)\.", re.IGNORECASE)
_STARTS = re.compile(r"(?=[#+=-])|[0-9]{1,9}(?=[.)](?: |$))")
_URL = re.compile(r"https?://[!#-;=?-Z_a-z~]+")
_BACKTICKS = re.compile(r"`+")


def markdown(draft: Draft, steps: Sequence[DraftStep] = ()) -> str:
    """`steps`: its history, oldest first."""
    parts = [
        [_title(draft)],
        list(_about(draft)),
        _section("How it is sent", _way(draft)),
        _section(
            "Missing", (f"- {_plain(field_words(draft, each.field))}: {_plain(each.why)}" for each in draft.missing)
        ),
        _section("Against sending it now", (f"- {_plain(blocker_words(each))}" for each in draft.stands_against)),
        _section("Overruled", (f"- {_plain(blocker_words(each))}" for each in draft.blockers if not each.stands)),
        _section("Fields", _table(draft.fields, draft.text)),
        *_texts(draft),
        _section("Evidence", (f"- {_plain(each.at)}: {_plain(each.what)}" for each in draft.evidence)),
        _section("History", (_step(step) for step in steps)),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines) + "\n"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    lines = list(lines)
    return [f"## {title}", "", *lines] if lines else []


def _title(draft: Draft) -> str:
    subjects = ", ".join(named_in_order(draft.subjects))
    return f"# {_plain(subjects)} {_at(draft)} {_plain(draft.addressee or draft.provider)}"


def _at(draft: Draft) -> str:
    return "on" if draft.kind is DraftKind.LISTING else "at"


def _about(draft: Draft) -> Iterator[str]:
    yield f"- Draft: {_plain(draft.id)}, {draft.state}, {LETTERS[draft.letter]}"
    yield f"- Customer: {_plain(draft.customer) if draft.customer else 'none alone: shared, or our own'}"
    yield f"- Form: {_plain(draft.form)}"
    if draft.due_at is not None:
        yield f"- Due: {instant(draft.due_at)}"
    for label, value in (
        ("Follows up", draft.follow_up_of),
        ("Pulled by", draft.pulled_by),
        ("Reference", draft.reference),
        ("Outcome", draft.outcome),
        ("Note", draft.note),
        ("Ticket", draft.ticket),
    ):
        if value:
            yield f"- {label}: {_plain(value)}"


def _way(draft: Draft) -> Iterator[str]:
    if draft.caveat:
        yield f"**Mind:** {_plain(draft.caveat)}"
        yield ""
    page = [_link(draft.url)] if draft.url else []
    address = [f"to {_plain(draft.to)}"] if draft.to else []
    where = ", ".join([*address, *page] if draft.channel is FormChannel.EMAIL else [*page, *address])
    channel = CHANNELS[draft.channel]
    if draft.channel is FormChannel.NONE:
        yield f"- Not sent: {channel}" + (f" (about it: {where})" if where else "")
    else:
        yield f"- {channel.capitalize()}" + (f": {where}" if where else "")
    for step in draft.steps:
        yield f"- {_plain(step)}"


def _table(fields: Sequence[DraftField], text: str) -> Iterator[str]:
    if fields:
        yield "| Field | Value | Source |"
        yield "|---|---|---|"
    for field in fields:
        value = _cell(field, text)
        source = f"edited by {_plain(field.edited_by)}" if field.edited_by else _plain(field.source or "")
        yield f"| {_plain(field.label)} | {value} | {source} |"


def _cell(field: DraftField, text: str) -> str:
    """A field may hold several lines, one address each: a row of a table is one line."""
    if field.value is None:
        return "(missing)" if field.required else "(none)"
    if field.value.strip() == text.strip():
        return "(the text below)"
    return " ⏎ ".join(_plain(line) for line in field.value.split("\n"))


def _texts(draft: Draft) -> Iterator[list[str]]:
    """In the language of the addressee, and in English for whoever sends it."""
    named = f"Text ({_plain(draft.language)})" if draft.text_english is not None else "Text"
    if draft.text:
        yield _section(named, _fenced(draft.text))
    if draft.text_english:
        yield _section("The same in English", _fenced(draft.text_english))


def _fenced(text: str) -> Iterator[str]:
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    for line in text.rstrip("\n").split("\n"):
        yield visible(line, _MOST_LINE)
    yield fence


def _step(step: DraftStep) -> str:
    note = f": {_plain(step.note)}" if step.note else ""
    return f"- {instant(step.at)}: {step.action.replace('_', ' ')} by {_plain(step.by)}, {step.state}{note}"


def _link(url: str) -> str:
    return f"<{url}>" if _URL.fullmatch(url) else _plain(url)


def _plain(text: str) -> str:
    """Foreign text as one line of text, and nothing else."""
    shown = _OPENS.sub(_escaped, visible(text, _MOST).strip())
    shown = _LINK.sub(_escaped, shown).replace("|", "&#124;")
    start = _STARTS.match(shown)
    return f"{start[0]}\\{shown[start.end() :]}" if start is not None else shown


def _escaped(found: re.Match[str]) -> str:
    return f"\\{found[0]}"
