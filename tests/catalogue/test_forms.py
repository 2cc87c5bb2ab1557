"""The shipped forms as data, and how a folder of them is read. What each one writes: tests/forms."""

import re
import shutil
from datetime import date, timedelta

import pytest

from deliverwatch.catalogue import form_schema
from deliverwatch.catalogue.blocklists import load_lists
from deliverwatch.catalogue.forms import faults_against, load_forms, load_letters
from deliverwatch.catalogue.mailbox_providers import load_mailbox_providers
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.core.blocklist import Confidence
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.practice import Check
from deliverwatch.core.remediation.form import (
    FollowUpWay,
    FormChannel,
    FormField,
    LetterKind,
    ListCodes,
    Quota,
    QuotaPer,
    SelfExpiry,
    Sender,
)
from deliverwatch.core.subjects import SubjectKind

FORMS = {form.id: form for form in load_forms()}
SMALL = """\
id: {id}
name: Small
channel: email
to: [postmaster@mail.example]
source: made for the tests
checked_on: 2026-11-22
confidence: high
fields:
  - {{name: ips, label: Addresses, fact: ips}}
"""


@pytest.fixture
def folder(tmp_path):
    """folder(one="id: one ...") writes forms/<id>/form.yaml and gives the folder of the forms"""

    def write(**forms):
        for form_id, text in forms.items():
            (tmp_path / "forms" / form_id).mkdir(parents=True, exist_ok=True)
            (tmp_path / "forms" / form_id / "form.yaml").write_text(text)
        return tmp_path / "forms"

    return write


def small(form_id, *more):
    return SMALL.format(id=form_id) + "".join(f"{line}\n" for line in more)


def test_the_forms_name_what_the_other_catalogues_have():
    assert faults_against(FORMS.values(), load_lists().usable, load_mailbox_providers()) == []


def test_there_is_a_letter_of_each_kind_in_each_language_that_is_shared():
    names = load_letters().keys()
    for language in ("", ".de", ".fr", ".it"):
        assert {f"{kind}{language}.txt.j2" for kind in LetterKind} <= names


def test_those_who_have_no_form_get_the_generic_letters():
    postmaster, operator = FORMS["postmaster-letter"], FORMS["list-operator"]
    assert postmaster.to == ("postmaster@{domain}", "abuse@{domain}")
    assert postmaster.caveat is not None
    assert {*postmaster.providers, *postmaster.lists, *operator.providers, *operator.lists} == set()


def test_the_readme_explains_every_key():
    readme = (shipped("forms") / "README.md").read_text()
    rows = "\n".join(line.split("|")[1] for line in readme.splitlines() if line.startswith("| `"))
    explained = set(re.findall(r"`(\w+)`", rows))
    assert set(form_schema.FormEntry.model_fields) - explained == set()
    for model in (form_schema.FieldEntry, form_schema.AnswerEntry, form_schema.ExpiresEntry, form_schema.QuotaEntry):
        assert [name for name in model.model_fields if not re.search(rf"`{name}\b", readme)] == []


def test_every_key_is_read(folder):
    whole = """\
id: whole_one
name: Whole form
providers: [google]
lists: [psbl, {list: spamhaus-zen, codes: [127.0.0.2, 127.0.*.4-7]}]
channel: portal
url: https://mail.example/form
to: ["abuse@{domain}"]
sender: network_owner
escalate_to: desk@mail.example
most: 10
kinds: [ipv4, ipv6]
languages: [de, fr]
steps: [Log in.]
requires: [ptr, spf]
answer: {usual: 24h, words: within a day, replies: false}
expires: {words: by itself, wait: 30m}
again_after: 7d
quota: {requests: 3, within: 7d, per: addressee}
follow_up: {denied: email, no_answer: none}
check_mx: true
caveat: Check the address.
source: the page
checked_on: 2026-11-22
confidence: low
fields:
  - {name: ips, label: Addresses, fact: ips, required: false, limit: 200, separator: "; "}
  - {name: kind, label: Kind, fact: block_kind, values: {ip: "IP", "*": "Other"}}
"""
    (form,) = load_forms(folder(whole_one=whole))
    assert (form.id, form.name, form.channel) == ("whole_one", "Whole form", FormChannel.PORTAL)
    assert form.lists == (ListCodes("psbl"), ListCodes("spamhaus-zen", ("127.0.0.2", "127.0.*.4-7")))
    assert (form.providers, form.url, form.to) == (("google",), "https://mail.example/form", ("abuse@{domain}",))
    assert (form.sender, form.escalate_to, form.most) == (Sender.NETWORK_OWNER, "desk@mail.example", 10)
    assert (form.kinds, form.languages) == (frozenset({SubjectKind.IPV4, SubjectKind.IPV6}), ("de", "fr"))
    assert (form.steps, form.requires) == (("Log in.",), frozenset({Check.PTR, Check.SPF}))
    assert (form.answer.usual_for, form.answer.words, form.answer.replies) == (timedelta(days=1), "within a day", False)
    assert form.expires == SelfExpiry("by itself", timedelta(minutes=30))
    assert (form.again_after, form.quota) == (timedelta(7), Quota(3, timedelta(7), QuotaPer.ADDRESSEE))
    assert form.follow_up == {LetterKind.DENIED: FollowUpWay.EMAIL, LetterKind.NO_ANSWER: FollowUpWay.NONE}
    assert (form.check_mx, form.caveat, form.instead) == (True, "Check the address.", None)
    assert (form.source, form.checked_on, form.confidence) == ("the page", date(2026, 11, 22), Confidence.LOW)
    assert form.fields == (
        FormField("ips", "Addresses", "ips", False, 200, {}, "; "),
        FormField("kind", "Kind", "block_kind", True, None, {"ip": "IP", "*": "Other"}, ", "),
    )


def test_a_form_has_the_shared_letters_where_it_has_none_of_its_own(folder):
    forms = folder(one=small("one", "languages: [de, ja]"))
    (forms / "one" / "body.txt.j2").write_text("Own words about {{ ips }}.\n")
    (forms / "one" / "denied.ja.txt.j2").write_text("Own words.\n")
    (form,) = load_forms(forms)
    shared = load_letters()
    assert form.bodies[LetterKind.REQUEST, "en"] == "Own words about {{ ips }}.\n"
    assert form.bodies[LetterKind.REQUEST, "de"] == shared["request.de.txt.j2"]
    assert form.bodies[LetterKind.DENIED, "en"] == shared["denied.txt.j2"]
    languages = {language for _, language in form.bodies}
    assert (languages, (LetterKind.REQUEST, "ja") in form.bodies) == ({"en", "de", "ja"}, False)


def test_a_form_is_like_another_but_for_what_it_says(folder):
    base = small("one", "providers: [google]", "lists: [psbl]", "caveat: Mind.", "languages: [de]")
    own = "id: two\nname: Two\nlike: one\nchannel: web_form\nurl: https://two.example/\nproviders: [apple]\ncaveat:\n"
    forms = folder(one=base, three="id: three\nname: Three\nlike: one\n", two=own)
    (forms / "one" / "body.txt.j2").write_text("Of the first.\n")
    (forms / "one" / "denied.txt.j2").write_text("Denied by the first.\n")
    (forms / "two" / "denied.txt.j2").write_text("Denied by the second.\n")
    one, three, two = load_forms(forms)
    assert (three.providers, three.lists, three.caveat) == ((), (), "Mind.")
    assert (two.name, two.channel, two.url, two.providers, two.lists) == (
        "Two",
        FormChannel.WEB_FORM,
        "https://two.example/",
        ("apple",),
        (),
    )
    assert (two.to, two.fields, two.languages, two.caveat) == (one.to, one.fields, one.languages, None)
    assert two.bodies[LetterKind.REQUEST, "en"] == "Of the first.\n"
    assert two.bodies[LetterKind.DENIED, "en"] == "Denied by the second.\n"


def test_a_fault_that_is_taken_over_is_told_once_where_it_stands(folder):
    forms = folder(one=small("one", "most: 0"), two="id: two\nname: Two\nlike: one\n")
    with pytest.raises(CatalogueError) as raised:
        load_forms(forms)
    assert str(raised.value) == f"{forms}/one/form.yaml: line 10, most: expected 1 or more, found 0"


def test_an_overlay_replaces_a_form_adds_one_and_changes_a_letter(tmp_path):
    mine = tmp_path / "forms"
    shutil.copytree(shipped("forms") / "list-operator", mine / "list-operator")
    assert load_forms(overlay=tmp_path) == tuple(FORMS.values())
    text = (mine / "list-operator" / "form.yaml").read_text()
    (mine / "list-operator" / "form.yaml").write_text(text.replace("most: 1", "most: 2"))
    (mine / "ours").mkdir()
    (mine / "ours" / "form.yaml").write_text("id: ours\nname: Ours\nlike: postmaster-letter\n")
    found = {form.id: form for form in load_forms(overlay=tmp_path)}
    assert set(found) == {*FORMS, "ours"}
    assert found["list-operator"].most == 2
    (mine / "letters").mkdir()
    (mine / "letters" / "denied.txt.j2").write_text("No.\n")
    assert {form.bodies[LetterKind.DENIED, "en"] for form in load_forms(overlay=tmp_path)} >= {"No.\n"}


def test_the_digest_tells_whatever_shapes_a_draft(folder):
    forms = folder(one=small("one", "languages: [de]"))
    seen = []

    def digest():
        (form,) = load_forms(forms)
        seen.append(form.digest)
        return form.digest

    assert digest() == digest()
    folder(one=small("one", "languages: [de]", "most: 2"))
    digest()
    (forms / "one" / "body.txt.j2").write_text("Own.\n")
    digest()
    (forms / "letters").mkdir()
    (forms / "letters" / "denied.de.txt.j2").write_text("Nein.\n")
    digest()
    assert len(set(seen)) == 4
    (forms / "letters" / "denied.fr.txt.j2").write_text("Non.\n")  # which this form does not use
    assert digest() == seen[-2]


def test_what_the_other_catalogues_do_not_have_is_named(folder):
    forms = folder(
        one=small("one", "providers: [gogle]", "lists: [psbll, {list: psbl, codes: [127.0.0.2, 127.0.0.77]}]")
    )
    faults = faults_against(load_forms(forms), load_lists().usable, load_mailbox_providers())
    assert [str(fault) for fault in faults] == [
        "forms/one/form.yaml: providers: unknown mailbox provider 'gogle': did you mean 'google'?",
        "forms/one/form.yaml: lists: unknown list 'psbll': did you mean 'psbl'?",
        "forms/one/form.yaml: lists: psbl knows no answer 127.0.0.77: expected one of its codes in blocklists.yaml",
    ]
