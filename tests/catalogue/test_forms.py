"""The shipped form, rendered with the facts of its example; nothing is invented where facts are missing."""

import pytest
from jinja2 import Environment, meta

from deliverwatch.catalogue.forms import FACTS, load_forms
from deliverwatch.catalogue.shipped import shipped
from deliverwatch.core.blocklist import RemovalWay

FORMS = {form.id: form for form in load_forms()}
EXAMPLE = {
    "subject": "192.0.2.10",
    "list_name": "Passive Spam Block List",
    "list_zone": "psbl.surriel.com",
    "codes": "127.0.0.2",
    "meanings": "sent to a spam trap, and is not a known mail server",
    "reason": "Listed in PSBL, see https://psbl.org/listing?ip=192.0.2.10",
    "holder_kind": "a customer's dedicated asset",
    "listed_since": "2026-11-23 09:12 UTC",
    "requester_company": "Example ESP",
    "requester_name": "Deliverability team",
    "requester_mailbox": "postmaster@esp.example",
    "requester_phone": "+1 555 0100",
}
ALWAYS = ("subject", "list_name", "list_zone", "codes", "meanings", "listed_since")


def rendered(way, facts, **environment):
    return Environment(**environment).from_string(FORMS["list-operator"].body).render(facts, way=str(way)).strip()


def test_the_form_for_list_operators_is_there_and_asks_for_recorded_facts_only():
    form = FORMS["list-operator"]
    assert {field.fact for field in form.fields} <= FACTS
    assert [field.fact for field in form.fields if field.required] == [
        "subject",
        "list_name",
        "list_zone",
        "codes",
        "meanings",
        "listed_since",
        "what_changed",
        "requester_company",
        "requester_name",
        "requester_mailbox",
    ]


def test_the_body_uses_known_facts_only():
    used = meta.find_undeclared_variables(Environment().parse(FORMS["list-operator"].body))
    assert used <= FACTS | {"way"}


def test_the_rendered_example_is_the_one_shown():
    example = (shipped("forms") / "list-operator" / "example.txt").read_text(encoding="utf-8")
    assert rendered(RemovalWay.SELF_SERVICE, EXAMPLE) == example.strip()


@pytest.mark.parametrize("way", RemovalWay)
@pytest.mark.parametrize("facts", [EXAMPLE, {name: EXAMPLE[name] for name in ALWAYS}], ids=["all", "few"])
def test_the_words_do_not_depend_on_how_blocks_are_trimmed(way, facts):
    assert rendered(way, facts) == rendered(way, facts, trim_blocks=True, lstrip_blocks=True)


@pytest.mark.parametrize("way", RemovalWay)
def test_what_only_the_customer_knows_stays_a_visible_gap(way):
    assert "[to be completed: what caused the listing; what was changed, on which day, by whom]" in rendered(
        way, EXAMPLE
    )
    done = rendered(way, EXAMPLE | {"what_changed": "The list of addresses was cleaned on 2026-11-23."})
    assert "to be completed" not in done
    assert "cleaned on 2026-11-23" in done


def test_each_way_has_its_words():
    automatic = rendered(RemovalWay.AUTOMATIC, EXAMPLE | {"expires": "24 hours after the last report"})
    assert "NOT TO BE SENT" in automatic
    assert "(24 hours after the last report)" in automatic
    assert "Please remove" not in automatic
    assert "BY THE OWNER OF THE NETWORK" in rendered(RemovalWay.NETWORK_OWNER, EXAMPLE)
    assert rendered(RemovalWay.ACCOUNT, EXAMPLE).startswith("Removal of 192.0.2.10 from")


def copy_of_the_form(folder):
    target = folder / "forms" / "list-operator"
    target.mkdir(parents=True)
    for name in ("form.yaml", "body.txt.j2"):
        (target / name).write_text((shipped("forms") / "list-operator" / name).read_text())
    return target


def test_an_overlay_replaces_a_form_and_its_digest_tells(tmp_path):
    mine = copy_of_the_form(tmp_path)
    assert load_forms(overlay=tmp_path) == tuple(FORMS.values())
    (mine / "body.txt.j2").write_text("Please remove {{ subject }}.\n")
    (changed,) = load_forms(overlay=tmp_path)
    assert changed.body == "Please remove {{ subject }}.\n"
    assert changed.digest != FORMS["list-operator"].digest
    assert changed.fields == FORMS["list-operator"].fields
