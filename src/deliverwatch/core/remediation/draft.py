"""One request to one addressee about one cause, from the facts to its end.

    prepared ──> pulled ──> submitted ──> answered ──> closed

A person moves it; the program prepares it, renews it while nobody has sent it, and closes it when its cause is over.
Each step is kept with who, when and why (append-only). `version` grows with each change, and a change that was made to
an older version is refused, so that two people on one draft see each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from deliverwatch.core.remediation.form import FormChannel, LetterKind

PROGRAM = "deliverwatch"
_STEP = timedelta(microseconds=1)


class DraftState(StrEnum):
    PREPARED = "prepared"
    PULLED = "pulled"
    SUBMITTED = "submitted"
    ANSWERED = "answered"
    CLOSED = "closed"


WAITING = frozenset({DraftState.PREPARED, DraftState.PULLED})
UNDER_WAY = frozenset({DraftState.SUBMITTED, DraftState.ANSWERED})


class RequestOutcome(StrEnum):
    GRANTED = "granted"
    DENIED = "denied"
    MORE_INFORMATION = "more_information"
    NOTHING_FOUND = "nothing_found"


class DraftKind(StrEnum):
    LISTING = "listing"
    BLOCK = "block"


class Action(StrEnum):
    """What a step was. PREPARED, RENEWED, HANDED_OVER and the closing of what is over are the program's own."""

    PREPARED = "prepared"
    RENEWED = "renewed"
    PULLED = "pulled"
    EDITED = "edited"
    OVERRULED = "overruled"
    ASKED = "asked"
    TOLD = "told"
    LINKED = "linked"
    SUBMITTED = "submitted"
    ANSWERED = "answered"
    CLOSED = "closed"
    HANDED_OVER = "handed_over"


@dataclass(frozen=True, slots=True)
class DraftField:
    """As filled, or as a person edited it (`edited_by`). `values`: what the form lets one choose."""

    name: str
    label: str
    value: str | None
    limit: int | None
    source: str | None
    required: bool = True
    values: tuple[str, ...] = ()
    edited_by: str | None = None


@dataclass(frozen=True, slots=True)
class Missing:
    field: str
    why: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stands against sending it now. `about`: what of its kind it is, the same however its figures move. A person
    may overrule it with a reason, which is kept."""

    check: str
    found: str
    fix: str
    about: str = ""
    overruled_by: str | None = None
    overruled_at: str | None = None
    overruled_because: str | None = None

    @property
    def stands(self) -> bool:
        return self.overruled_by is None

    @property
    def key(self) -> tuple[str, str]:
        return self.check, self.about


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was seen: `at` ISO 8601 UTC, `what` in words."""

    at: str
    what: str


@dataclass(frozen=True, slots=True)
class Edit:
    """`field` "text": the text. `base`: what the program had put there when it was edited."""

    field: str
    value: str
    by: str
    at: datetime
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """`customer` None: the ESP's own asset, or one that several share. `provider`: id of the list or mailbox provider
    it is about; `form`: through whose form it goes. `episodes`: keys of the listings or blocks. `cause`: what further
    episodes must share to join it. `text` in `language`; `text_english` where that is another. `letter`: what it is
    for; `follow_up_of`: the draft that it follows. `round`: how often this addressee has denied it so far.
    `facts`: the values it was filled with, by name. `changed_at`: of the last step."""

    id: str
    customer: str | None
    form: str
    form_digest: str
    provider: str
    kind: DraftKind
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
    changed_at: datetime
    due_at: datetime | None
    episodes: tuple[str, ...]
    cause: str
    addressee: str = ""
    """Its name, for people."""
    letter: LetterKind = LetterKind.REQUEST
    language: str = "en"
    text_english: str | None = None
    caveat: str | None = None
    steps: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    edits: tuple[Edit, ...] = ()
    follow_up_of: str | None = None
    round: int = 0
    pulled_by: str | None = None
    pulled_at: datetime | None = None
    submitted_at: datetime | None = None
    submitted_by: str | None = None
    reference: str | None = None
    answered_at: datetime | None = None
    outcome: RequestOutcome | None = None
    note: str | None = None
    follow_up_at: datetime | None = None
    """When to look again: an answer is due, or a granted one should have had its effect."""
    ticket: str | None = None
    """Address of the help desk's own ticket."""
    version: int = 1

    def next_at(self, now: datetime) -> datetime:
        """The time of its next step: never before its last one, wherever a clock was set back to."""
        return max(now, self.changed_at + _STEP)

    @property
    def as_shown(self) -> dict[str, Any]:
        """What a person who has it before them copies; JSON values."""
        return {"text": self.text, "fields": {field.name: field.value for field in self.fields}}

    @property
    def stands_against(self) -> tuple[Blocker, ...]:
        return tuple(blocker for blocker in self.blockers if blocker.stands)


@dataclass(frozen=True, slots=True)
class DraftStep:
    """One line of a draft's append-only history. `facts`: JSON values of what was done (what a field was, and is)."""

    at: datetime
    state: DraftState
    by: str
    note: str | None = None
    action: Action = Action.PREPARED
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Requester:
    """Who asks for removals: a role of the ESP, never a private or freemail address."""

    company: str | None = None
    name: str | None = None
    role: str | None = None
    phone: str | None = None
    mailbox: str | None = None
    abuse_desk: str | None = None


_NEXT: Mapping[DraftState, frozenset[DraftState]] = {
    DraftState.PREPARED: frozenset({DraftState.PULLED, DraftState.SUBMITTED, DraftState.CLOSED}),
    DraftState.PULLED: frozenset({DraftState.PULLED, DraftState.SUBMITTED, DraftState.CLOSED}),
    DraftState.SUBMITTED: frozenset({DraftState.ANSWERED, DraftState.CLOSED}),
    DraftState.ANSWERED: frozenset({DraftState.ANSWERED, DraftState.CLOSED}),
    DraftState.CLOSED: frozenset(),
}


def may_become(state: DraftState, wanted: DraftState) -> bool:
    return wanted in _NEXT[state]
