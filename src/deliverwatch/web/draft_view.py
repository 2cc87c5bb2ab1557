"""A draft as its page shows it: what to copy field by field, what is missing, what speaks against it, its history.

Values are shown as they go out (`render.encode.in_lines`): what hides in them is made visible, so that what is copied
is what was seen. A link to the addressee's form is one of our catalogue's, or none.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from deliverwatch.core.remediation.draft import Action, Blocker, Draft, DraftField, DraftStep
from deliverwatch.core.remediation.fields import TEXT
from deliverwatch.core.remediation.form import Form
from deliverwatch.core.visible import visible
from deliverwatch.render.draft_words import field_words, sentence
from deliverwatch.render.encode import in_lines
from deliverwatch.render.tongue import listed, say
from deliverwatch.web.draft_names import ACTIONS
from deliverwatch.web.draft_next import TIER_2

_LONG = 80
_MOST = 500
_ONLY_CUSTOMER = "only the customer knows"


@dataclass(frozen=True, slots=True)
class FieldShown:
    """`value` None: nobody knows it, or it may stay empty. `is_text`: it takes the whole text, which is shown below.
    `used`: characters. `was`: what an edit of it is compared with."""

    name: str
    label: str
    value: str | None
    used: int
    limit: int | None
    source: str
    required: bool
    choices: tuple[str, ...]
    is_text: bool
    is_long: bool
    was: str

    @property
    def is_over(self) -> bool:
        return self.limit is not None and self.used > self.limit


@dataclass(frozen=True, slots=True)
class BlockerShown:
    check: str
    found: str
    fix: str
    overruled: str | None


@dataclass(frozen=True, slots=True)
class StepShown:
    """`more`: what whoever sent it should know."""

    at: datetime
    what: str
    by: str
    note: str
    more: tuple[str, ...]


def fields_of(draft: Draft) -> list[FieldShown]:
    return [_field(field, draft.text) for field in draft.fields]


def text_of(draft: Draft) -> FieldShown:
    """The text, as a field that can be edited; no form limits it as a whole."""
    text = in_lines(draft.text)
    label = say("The text")
    return FieldShown(TEXT, label, text, len(text), None, "", True, (), False, True, fingerprint(text))


def _field(field: DraftField, text: str) -> FieldShown:
    value = in_lines(field.value) if field.value is not None else None
    return FieldShown(
        field.name,
        visible(field.label),
        value,
        len(field.value or ""),
        field.limit,
        visible(field.source or "", _MOST),
        field.required,
        tuple(map(visible, field.values)),
        field.value is not None and field.value.strip() == text.strip(),
        value is not None and ("\n" in value or len(value) > _LONG),
        fingerprint(value or ""),
    )


def fingerprint(value: str) -> str:
    """Of a value as it was shown, so that only what a person changed is taken as an edit."""
    return hashlib.sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def missing_of(draft: Draft) -> list[tuple[str, str]]:
    """(what, why). What only the customer knows is asked on the page itself."""
    return [(visible(field_words(draft, each.field)), _why(each.why)) for each in draft.missing]


def _why(why: str) -> str:
    if why.startswith(_ONLY_CUSTOMER):
        return say("Only the customer knows: ask them, and keep here what they say.")
    return visible(sentence(why), _MOST)


def blockers_of(draft: Draft) -> list[BlockerShown]:
    """Those that stand first."""
    return [_blocker(each) for each in sorted(draft.blockers, key=lambda each: not each.stands)]


def _blocker(blocker: Blocker) -> BlockerShown:
    fix = sentence(blocker.fix)
    if blocker.check == TIER_2:
        fix = say("What is left is mediation beyond the standard form: the evidence file hands it over.")
    return BlockerShown(
        blocker.check, visible(sentence(blocker.found), _MOST), visible(fix, _MOST), _overruled(blocker)
    )


def _overruled(blocker: Blocker) -> str | None:
    if blocker.stands:
        return None
    reason = visible(blocker.overruled_because or say("no reason was kept"), _MOST)
    return say("Overruled by {name}: {reason}", name=visible(blocker.overruled_by or "", _LONG), reason=reason)


def evidence_of(draft: Draft) -> list[tuple[datetime | str, str]]:
    """(when, what). A time is one wherever it can be read as such."""
    return [(_moment(each.at), visible(each.what, _MOST)) for each in draft.evidence]


def _moment(at: str) -> datetime | str:
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        return visible(at)
    return moment if moment.tzinfo is not None else visible(at)


def steps_of(draft: Draft, steps: Iterable[DraftStep]) -> list[StepShown]:
    """Newest first."""
    return [_step(draft, each) for each in reversed(list(steps))]


def _step(draft: Draft, step: DraftStep) -> StepShown:
    more = tuple(_as_sent(draft, step)) if step.action is Action.SUBMITTED else ()
    note = visible(step.note or "", _MOST)
    return StepShown(step.at, say(ACTIONS[step.action]), visible(step.by, _LONG), note, more)


def _as_sent(draft: Draft, step: DraftStep) -> Iterator[str]:
    if step.facts.get("changed_since"):
        yield say("It had changed since it was taken on: what was on the page then is kept as what was sent.")
    if against := step.facts.get("against"):
        yield say("Sent although this stood against it: {names}.", names=_listed(against))
    if missing := step.facts.get("missing"):
        names = _listed([field_words(draft, each) for each in missing])
        yield say("Sent without: {names}.", names=names)


def _listed(names: Sequence[str]) -> str:
    return listed([visible(each, _LONG) for each in names])


def form_link(draft: Draft, forms: Iterable[Form]) -> str | None:
    """Where the addressee's form is; only if our catalogue has that address, and it is an encrypted one."""
    known = {form.url for form in forms}
    is_ours = draft.url is not None and draft.url in known and urlsplit(draft.url).scheme == "https"
    return draft.url if is_ours else None
