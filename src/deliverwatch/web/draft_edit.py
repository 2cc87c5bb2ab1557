"""The edit form of a draft: what a person changed in it, and what of that somebody else has changed meanwhile.

The form carries a fingerprint of each value as it was shown. Only what differs from it is an edit: else who saves a
form would write every field over, with what they never touched.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from deliverwatch.core.remediation.draft import Draft
from deliverwatch.core.remediation.fields import TEXT
from deliverwatch.render.tongue import say
from deliverwatch.web.draft_view import FieldShown, fields_of, fingerprint, text_of
from deliverwatch.web.posted import Wrong

_MOST_VALUE = 100_000
_MOST_VERSION_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Edits:
    """`version`: of the draft that was edited."""

    version: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Clash:
    """`now`: the field as it is kept; `yours`: what was to be kept instead."""

    now: FieldShown
    yours: str

    @property
    def is_one(self) -> bool:
        return self.now.value != self.yours


def editable(draft: Draft) -> list[FieldShown]:
    """The fields, and the text where no field is called so. A field that takes the text follows it."""
    fields = fields_of(draft)
    text = [] if any(each.name == TEXT for each in fields) else [text_of(draft)]
    return [each for each in fields if not each.is_text or each.name == TEXT] + text


def edits(draft: Draft, told: Mapping[str, str]) -> Edits | Wrong:
    version = told.get("version", "")
    if not (version.isascii() and version.isdigit() and len(version) <= _MOST_VERSION_DIGITS):
        return Wrong("edit", "", say("The form does not say which version of the draft was edited: open it again."))
    named = [each.name for each in _known(draft) if f"field.{each.name}" in told]
    values = {name: told[f"field.{name}"] for name in named}
    changed = {name: value for name, value in values.items() if fingerprint(value) != told.get(f"was.{name}")}
    for name, value in changed.items():
        if len(value) > _MOST_VALUE:
            return Wrong("edit", name, say("{count} characters are too many.", count=len(value)))
    return Edits(int(version), changed)


def clashes(now: Draft, made: Edits) -> list[Clash]:
    """Every field of the edit, beside what is kept of it now."""
    known = {each.name: each for each in _known(now)}
    return [Clash(known[name], value) for name, value in made.values.items() if name in known]


def _known(draft: Draft) -> Iterable[FieldShown]:
    return {each.name: each for each in (text_of(draft), *fields_of(draft))}.values()
