"""Each shipped form: its golden draft from its recorded case, and that a draft says what is recorded, nothing else."""

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from deliverwatch.core.remediation.addressee import FormDirectory
from deliverwatch.core.remediation.draft import DraftKind, DraftState, RequestOutcome
from deliverwatch.core.remediation.facts import FACTS, Fact, why_missing
from deliverwatch.core.remediation.fields import TEXT, fill
from deliverwatch.core.remediation.form import FollowUpWay, FormChannel, LetterKind
from deliverwatch.core.remediation.gather import gather
from deliverwatch.core.remediation.make import make_draft
from deliverwatch.render.draft_markdown import markdown
from forms import recorded

FORMS = recorded.forms()
UPDATE = "DELIVERWATCH_UPDATE_GOLDEN" in os.environ
TOO_LONG = "the form takes"
GENERAL = frozenset({"block_kind", "dedicated", "stream", "provider_name", "list_name", "requester_kind"})
"""Words that a form may use of itself."""
of_every_form = pytest.mark.parametrize("form_id", FORMS)


def draft_of(form_id, **changes):
    return make_draft(replace(recorded.case_of(form_id), **changes), recorded.letters())


def written(form_id, facts, language="en", brief=False):
    return recorded.letters()(FORMS[form_id], facts, LetterKind.REQUEST, language, brief)


def filled(form_id, facts):
    """The draft's fields and text from these facts, and what is missing in it."""
    text = written(form_id, facts)
    fields, missing = fill(FORMS[form_id].fields, facts, text, lambda: written(form_id, facts, brief=True))
    return {field.name: field.value for field in fields}, text, {each.field: each.why for each in missing}


def marked(name):
    return Fact.of(f"marked {name.replace('_', ' ')}", f"source of {name}")


@of_every_form
def test_the_draft_of_the_recorded_case_is_the_example(form_id):
    shown = markdown(draft_of(form_id))
    example = recorded.FOLDER / form_id / "example.md"
    if UPDATE:
        example.write_text(shown, encoding="utf-8")
    assert example.exists(), f"forms/{form_id}/example.md is missing: `make golden` writes it"
    assert shown == example.read_text(encoding="utf-8"), "differs from the example: `make golden`, then review"


@of_every_form
def test_the_case_is_one_that_comes_to_this_form(form_id):
    case = recorded.case_of(form_id)
    directory = FormDirectory.of(FORMS.values())
    if case.kind is DraftKind.LISTING and FORMS[form_id].lists:
        assert directory.of_listing(case.blocklist, case.listings[0].codes).id == form_id
    elif case.kind is DraftKind.BLOCK:
        assert directory.of_provider(case.provider).id == form_id
    assert len(case.subjects) <= FORMS[form_id].most
    assert all(FORMS[form_id].takes(each.kind) for each in case.subjects)


@of_every_form
def test_the_reply_of_a_block_is_read_as_this_block_of_this_provider(form_id):
    block = recorded.told(form_id).get("block")
    if block is None:
        return
    provider = recorded.providers()[recorded.provider_id(FORMS[form_id], block)]
    domain = next((each for each in provider.domains if "*" not in each), None)
    host = next((each.replace("*.", "mx1.") for each in provider.hosts), None) if domain is None else None
    read = recorded.classifier().classify(block["reply"], host, domain)
    assert (read.class_, read.provider) == (block["class"], provider.id)


@of_every_form
def test_every_value_is_that_of_its_fact_and_says_where_it_is_from(form_id):
    case, form = recorded.case_of(form_id), FORMS[form_id]
    facts, draft = gather(case), draft_of(form_id)
    for field, shown in zip(form.fields, draft.fields, strict=True):
        assert (shown.name, shown.label) == (field.name, field.label)
        fact = facts.get(field.fact)
        if field.fact == TEXT:
            assert shown.value in (draft.text.strip(), _brief(form_id, facts, draft.language))
        elif fact is None:
            assert (shown.value, shown.source) == (None, None)
        else:
            value = field.separator.join(fact.values)
            expected = field.values.get(fact.value, field.values.get("*")) if field.values else value
            assert (shown.value, shown.source) == (expected, fact.source if expected is not None else None)


def _brief(form_id, facts, language):
    return written(form_id, facts, language, brief=True).strip()


@of_every_form
def test_what_is_recorded_fits_into_the_form(form_id):
    assert [each for each in draft_of(form_id).missing if TOO_LONG in each.why] == []


@of_every_form
def test_a_fact_that_is_not_recorded_is_missing_and_said(form_id):
    everything = {name: marked(name) for name in FACTS if name != TEXT}
    for field in FORMS[form_id].fields:
        fields, _, missing = filled(form_id, {name: fact for name, fact in everything.items() if name != field.fact})
        if field.fact != TEXT:
            assert fields[field.name] is None
            assert missing.get(field.name) == (why_missing(field.fact) if field.required else None)


@of_every_form
def test_a_limit_is_kept_by_the_brief_text_or_said_and_nothing_is_cut(form_id):
    """Whatever limits the form has today: each field with one that its value breaks by a character."""
    facts = gather(recorded.case_of(form_id))
    text, brief = written(form_id, facts), written(form_id, facts, brief=True).strip()
    for field in FORMS[form_id].fields:
        (loose,), _ = fill((replace(field, limit=None),), facts, text, lambda: brief)
        if loose.value is None or field.values:
            continue
        tight = replace(field, limit=len(loose.value) - 1)
        (shown,), told = fill((tight,), facts, text, lambda: brief)
        assert shown.value == (brief if field.fact == TEXT else loose.value)
        too_long = len(shown.value) > tight.limit
        assert [(each.field, TOO_LONG in each.why) for each in told] == [(field.name, True)] * too_long


@of_every_form
def test_a_fact_that_changes_changes_the_draft_wherever_it_stood(form_id):
    facts = gather(recorded.case_of(form_id))
    before, text, _ = filled(form_id, facts)
    for name, fact in facts.items():
        after, new_text, _ = filled(form_id, {**facts, name: marked(name)})
        fields = [field for field in FORMS[form_id].fields if field.fact == name]
        for field in fields:
            expected = field.values.get("*") if field.values else marked(name).value
            assert after[field.name] == expected
        others = [field.name for field in FORMS[form_id].fields if field.fact not in (name, TEXT)]
        assert [after[each] for each in others] == [before[each] for each in others]
        if new_text != text and name not in GENERAL:
            assert marked(name).value in new_text or fact.value not in new_text


@of_every_form
def test_nothing_but_facts_tells_one_case_from_another(form_id):
    """With every fact another, no word of the recorded case is left."""
    facts = gather(recorded.case_of(form_id))
    after, text, _ = filled(form_id, {name: marked(name) for name in facts})
    whole = "\n".join([text, *(value or "" for value in after.values())])
    recorded_values = [value for name, fact in facts.items() for value in fact.values if name not in GENERAL]
    assert [value for value in recorded_values if value in whole] == []


@of_every_form
def test_every_letter_is_written_from_what_is_recorded(form_id):
    form, case = FORMS[form_id], recorded.case_of(form_id)
    later = gather(replace(case, follows=_followed(form_id)))
    for kind in (LetterKind.REQUEST, *_followed_up(form)):
        for language in ("en", *form.languages):
            text = recorded.letters()(form, later, kind, language)
            assert case.subjects[0].value in text
            assert "What we were told" in text or kind not in (LetterKind.DENIED, LetterKind.MORE_INFORMATION)
            gaps = ("to be completed: requester", "to be completed: reference", "to be completed: asked")
            assert [gap for gap in gaps if gap in text] == []


@of_every_form
def test_follow_ups_go_where_the_form_says(form_id):
    form = FORMS[form_id]
    case = replace(recorded.case_of(form_id), follows=_followed(form_id))
    for kind in _followed_up(form):
        draft = make_draft(case, recorded.letters(), kind)
        assert (draft.letter, draft.follow_up_of) == (kind, case.follows.id)
        again = form.way_of(kind) is FollowUpWay.AGAIN
        assert draft.channel is (form.channel if again else FormChannel.EMAIL)


def _followed_up(form):
    return [k for k in LetterKind if k is not LetterKind.REQUEST and form.way_of(k) is not FollowUpWay.NONE]


def _followed(form_id):
    return replace(
        draft_of(form_id),
        state=DraftState.ANSWERED,
        submitted_at=recorded.NOW - timedelta(hours=30),
        answered_at=recorded.NOW - timedelta(hours=6),
        outcome=RequestOutcome.DENIED,
        reference="SR-4711",
        note="What we were told",
    )
