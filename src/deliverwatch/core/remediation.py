"""Tier 1 remediation: the standard form of a list operator, filled from recorded facts.

A draft is prepared for a person to check, complete and send; the program submits nothing. Each field says where its
value comes from. What is not recorded is `missing`, never invented: what was changed to stop the cause, only the
customer knows. What stands against sending it now is a `blocker` with the repair.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DraftState(StrEnum):
    PREPARED = "prepared"
    PULLED = "pulled"
    SUBMITTED = "submitted"
    ANSWERED = "answered"
    CLOSED = "closed"


class FormChannel(StrEnum):
    WEB_FORM = "web_form"
    EMAIL = "email"
    PORTAL = "portal"
    NONE = "none"


class RequestOutcome(StrEnum):
    GRANTED = "granted"
    DENIED = "denied"
    MORE_INFORMATION = "more_information"
    NOTHING_FOUND = "nothing_found"


@dataclass(frozen=True, slots=True)
class FormField:
    """`fact` names the recorded fact that fills it. `limit` in characters, None: no limit known."""

    name: str
    label: str
    fact: str
    required: bool = True
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Form:
    """A standard form as data. `body`: Jinja2 source of the text. `digest` pins the version a draft was made from."""

    id: str
    name: str
    fields: tuple[FormField, ...]
    body: str
    digest: str
    checked_on: str
    source: str


@dataclass(frozen=True, slots=True)
class Fact:
    """A recorded value with its source ("settings [requester]", "look at 2026-11-24T10:00Z by 192.0.2.53:53")."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class DraftField:
    name: str
    label: str
    value: str | None
    limit: int | None
    source: str | None


@dataclass(frozen=True, slots=True)
class Missing:
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Blocker:
    check: str
    found: str
    fix: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen: `at` ISO 8601 UTC, `what` in words."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Draft:
    """`customer` None: the ESP's own asset. `listing_key` identifies the episode; one draft per episode."""

    id: str
    customer: str | None
    form: str
    form_digest: str
    provider: str
    kind: str
    channel: FormChannel
    url: str | None
    to: str | None
    subjects: tuple[str, ...]
    state: DraftState
    text: str
    fields: tuple[DraftField, ...]
    missing: tuple[Missing, ...]
    blockers: tuple[Blocker, ...]
    evidence: tuple[Evidence, ...]
    created_at: datetime
    due_at: datetime | None
    listing_key: str
    follow_up_of: str | None = None
    pulled_by: str | None = None
    reference: str | None = None
    outcome: RequestOutcome | None = None
    note: str | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One line of a draft's append-only history."""

    at: datetime
    state: DraftState
    by: str
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks for removals: a role of the ESP, never a private or freemail address."""

    company: str | None = None
    name: str | None = None
    role: str | None = None
    phone: str | None = None
    mailbox: str | None = None
    abuse_desk: str | None = None


def fill(form: Form, facts: Mapping[str, Fact]) -> tuple[tuple[DraftField, ...], tuple[Missing, ...]]:
    """The form's fields from the facts, in the form's order, and what is missing or too long."""
    fields, missing = [], []
    for wanted in form.fields:
        fact = facts.get(wanted.fact)
        value, source = (fact.value, fact.source) if fact is not None else (None, None)
        fields.append(DraftField(wanted.name, wanted.label, value, wanted.limit, source))
        if fact is None and wanted.required:
            missing.append(Missing(wanted.name, _WHY_MISSING.get(wanted.fact, f"{wanted.fact} is not recorded")))
        elif fact is not None and wanted.limit is not None and len(fact.value) > wanted.limit:
            missing.append(
                Missing(wanted.name, f"{len(fact.value)} characters, the form takes {wanted.limit}: shorten it")
            )
    return tuple(fields), tuple(missing)


_WHY_MISSING: Mapping[str, str] = {
    "what_changed": "only the customer knows what was changed to stop the cause: ask what, when and by whom",
    "requester_company": "set company in [requester] of the configuration",
    "requester_name": "set name in [requester] of the configuration",
    "requester_role": "set role in [requester] of the configuration",
    "requester_phone": "set phone in [requester] of the configuration",
    "requester_mailbox": "set mailbox in [requester] of the configuration: a role mailbox of the ESP",
}

_NEXT: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.PREPARED: frozenset({DraftState.PULLED, DraftState.SUBMITTED, DraftState.CLOSED}),
    DraftState.PULLED: frozenset({DraftState.PULLED, DraftState.SUBMITTED, DraftState.CLOSED}),
    DraftState.SUBMITTED: frozenset({DraftState.ANSWERED, DraftState.CLOSED}),
    DraftState.ANSWERED: frozenset({DraftState.ANSWERED, DraftState.CLOSED}),
    DraftState.CLOSED: frozenset(),
}


def may_become(state: DraftState, wanted: DraftState) -> bool:
    return wanted in _NEXT[state]
