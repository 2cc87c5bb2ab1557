"""The queue of requests, as tables of the status page: what a person has to check and send, and what is under way.

Due times are those of our own desk. What comes first is due first; what is overdue stands out. `deliverwatch drafts` is
where one works on them.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from deliverwatch.core.remediation.draft import Draft, DraftKind, DraftState
from deliverwatch.core.remediation.form import FormChannel
from deliverwatch.core.subjects import parse_subject
from deliverwatch.core.visible import visible
from deliverwatch.render.words import at, lasting_days
from deliverwatch.web.tables import Facts, Line, Table, customer_names, more, subject_names

_MOST_NAMED = 4
_PLACE = {DraftKind.LISTING: "on", DraftKind.BLOCK: "at"}


def draft_tables(facts: Facts) -> tuple[Table, Table]:
    """In the order in which they came."""
    return (
        Table(
            "Requests to check and send",
            ("Draft", "About", "To", "For", "State", "Missing", "Against it", "Due"),
            tuple(_waiting(each, facts) for each in facts.waiting.rows),
            "None waits.",
            more=more(facts.waiting.more, "more draft waits, and is", "more drafts wait, and are", "/drafts"),
        ),
        Table(
            "Requests under way",
            ("Draft", "About", "To", "For", "State", "Reference", "Look again"),
            tuple(_under_way(each, facts) for each in facts.under_way.rows),
            "None is under way.",
            more=more(facts.under_way.more, "more is", "more are", "/drafts"),
        ),
    )


def _due_at(draft: Draft) -> datetime | None:
    """Where nobody takes requests, nothing is ever late."""
    return draft.due_at if draft.channel is not FormChannel.NONE else None


def _waiting(draft: Draft, facts: Facts) -> Line:
    labels = {field.name: field.label for field in draft.fields}
    missing = [labels.get(each.field, _words(each.field)) for each in draft.missing]
    against = [_words(each.check) for each in draft.stands_against]
    return Line(
        "unsure" if _is_over(_due_at(draft), facts.now) else "plain",
        (*_whose(draft, facts), _waits(draft), _counted(missing), _counted(against), _due(_due_at(draft), facts.now)),
    )


def _under_way(draft: Draft, facts: Facts) -> Line:
    return Line(
        "unsure" if _is_over(draft.follow_up_at, facts.now) else "plain",
        (
            *_whose(draft, facts),
            _went(draft),
            visible(draft.reference or "", 80),
            _due(draft.follow_up_at, facts.now),
        ),
    )


def _whose(draft: Draft, facts: Facts) -> tuple[str, str, str, str]:
    customer = customer_names(facts.inventory, [draft.customer]) if draft.customer else "our own or a shared sender"
    addressee = visible(draft.addressee, 80) or _name(draft.provider, facts)
    to = "nobody: no requests are taken" if draft.channel is FormChannel.NONE else addressee
    return visible(draft.id, 60), _about(draft, to, facts), to, customer


def _about(draft: Draft, to: str, facts: Facts) -> str:
    """The list or provider is named where it is not the addressee."""
    subjects, at_whom = subject_names([parse_subject(each) for each in draft.subjects]), _name(draft.provider, facts)
    return f"{draft.kind} of {subjects}" + (f" {_PLACE[draft.kind]} {at_whom}" if at_whom != to else "")


def _name(provider: str, facts: Facts) -> str:
    """Of the list or the mailbox provider."""
    lists = {each.id: each.name for each in (*facts.lists_off, *facts.lists_on)}
    known = facts.providers.get(provider)
    return visible(lists.get(provider) or (known.name if known is not None else provider), 80)


def _waits(draft: Draft) -> str:
    follows = f"follow-up ({_words(draft.letter)}), " if draft.follow_up_of is not None else ""
    if draft.state is not DraftState.PULLED:
        return f"{follows}{draft.state}"
    return f"{follows}pulled by {_who(draft.pulled_by)}{_when(draft.pulled_at)}"


def _went(draft: Draft) -> str:
    if draft.state is DraftState.ANSWERED:
        outcome = _words(draft.outcome) if draft.outcome is not None else "answered"
        return f"{outcome}{_when(draft.answered_at)}"
    return f"submitted by {_who(draft.submitted_by)}{_when(draft.submitted_at)}"


def _who(name: str | None) -> str:
    return visible(name or "somebody", 60)


def _when(moment: datetime | None) -> str:
    return f", {at(moment)}" if moment is not None else ""


def _counted(names: Sequence[str]) -> str:
    if not names:
        return "nothing"
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{len(names)}: {', '.join(visible(each, 60) for each in names[:_MOST_NAMED])}{more}"


def _due(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return ""
    if moment < now:
        return f"{at(moment)} (overdue for {lasting_days(now - moment)})"
    return f"{at(moment)} (in {lasting_days(max(moment - now, timedelta(0)))})"


def _is_over(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment < now


def _words(name: str) -> str:
    return name.replace("_", " ")
