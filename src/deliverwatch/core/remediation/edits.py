"""What a person edited stands over what was filled in, field by field, whenever the draft is made anew.

An edit knows what the facts were when it was made, so that it is said to be stale once they have changed.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from deliverwatch.core.remediation.draft import Draft, DraftField, Edit, Missing
from deliverwatch.core.remediation.facts import FACTS, called
from deliverwatch.core.remediation.fields import TEXT, listed, too_long


def with_edits(draft: Draft, edits: tuple[Edit, ...]) -> Draft:
    """What a person wrote stands in place of what was filled in."""
    latest = {edit.field: edit for edit in edits}
    fields = tuple(_edited(field, latest, draft.text) for field in draft.fields)
    after = replace(draft, fields=fields, edits=edits, text=_text_of(draft, fields, latest.get(TEXT)))
    if TEXT in latest:  # the English one would say what a person took out
        after = replace(after, text_english=None)
    by_hand = {*latest, *(field.name for field in fields if field.edited_by is not None)}
    missing = [each for each in draft.missing if each.field not in by_hand and _still_missing(each, after)]
    missing += [Missing(each.name, why) for each in fields if each.name in by_hand and (why := _wrong(each))]
    missing += [
        Missing(
            edit.field, f"edited by {edit.by}; since then changed: {', '.join(map(called, changed))}: look at it again"
        )
        for edit in latest.values()
        if (changed := _changed_since(edit, draft))
    ]
    return replace(after, missing=tuple(missing))


def _edited(field: DraftField, latest: Mapping[str, Edit], text: str) -> DraftField:
    """The field that takes the whole text follows it, once it was edited as well."""
    held_text = (field.source or "").startswith("the text of")
    held_text |= field.edited_by is not None and (field.value or "").strip() == text.strip()
    edit = latest.get(field.name) or (latest.get(TEXT) if held_text else None)
    if edit is None:
        return field
    return replace(field, value=edit.value, source=f"edited by {edit.by}", edited_by=edit.by)


def _text_of(draft: Draft, fields: tuple[DraftField, ...], edit: Edit | None) -> str:
    """A text that only lists the fields lists them as they are now."""
    if edit is not None:
        return edit.value
    return listed(fields) if draft.text == listed(draft.fields) else draft.text


def _still_missing(missing: Missing, draft: Draft) -> bool:
    """What was missing in the words alone is not, once a person put other words in place of the mark (of what is to be
    completed) or of what the customer said (in another language)."""
    name = missing.field
    if name not in FACTS or any(field.name == name for field in draft.fields):
        return True
    words = draft.facts.get(name) or f"[to be completed: {name.replace('_', ' ')}]"
    return not draft.edits or any(words in (text or "") for text in (draft.text, *(f.value for f in draft.fields)))


def _wrong(field: DraftField) -> str | None:
    """With what a person put in."""
    value = field.value or ""
    if field.required and not value.strip():
        return f"left empty by {field.edited_by}"
    if field.values and value not in field.values:
        return f"the form offers no choice {value!r}: choose one of {', '.join(field.values)}"
    return too_long(value, field.limit)


def edit_base(facts: Mapping[str, str]) -> str:
    """What the facts were, as kept with an edit."""
    return json.dumps(dict(facts), sort_keys=True)


def _changed_since(edit: Edit, draft: Draft) -> list[str]:
    if edit.base is None:
        return []
    before = json.loads(edit.base)
    return sorted(name for name in {*before, *draft.facts} if before.get(name) != draft.facts.get(name))
