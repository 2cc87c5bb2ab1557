"""`deliverwatch forms` with nothing prepared: whom each form reaches, what fills it, and every fault of one's own."""

import asyncio
import re

import pytest

from deliverwatch.catalogue.forms import load_forms
from deliverwatch.catalogue.shipped import shipped

OWN = """\
id: ours
name: Our relay's desk
channel: web_form
url: https://desk.relay.example/form
source: agreed by telephone
checked_on: 2026-11-22
confidence: high
again_after: 7d
quota: {requests: 3, within: 24h}
fields:
  - {name: ips, label: Addresses, fact: ips, limit: 200}
  - {name: kind, label: Kind, fact: block_kind, required: false, values: {ip: IP, "*": Other}}
"""
SHOWN = {
    "id", "name", "channel", "url", "to", "sender", "lists", "providers", "languages", "kinds", "most", "confidence",
    "checked_on", "source", "caveat",
}  # fmt: skip


@pytest.fixture
def run(deliverwatch):
    """run("forms", "check") -> Ran"""
    return lambda *arguments: asyncio.run(deliverwatch(*arguments))


def overlay(tmp_path, text=OWN, **letters):
    folder = tmp_path / "overlay" / "forms" / "ours"
    folder.mkdir(parents=True)
    (folder / "form.yaml").write_text(text)
    for name, body in letters.items():
        (folder / f"{name}.txt.j2").write_text(body)
    (tmp_path / "deliverwatch.toml").write_text('[catalogue]\noverlay = "overlay"\n')
    return folder


async def test_the_forms_need_nothing_prepared(deliverwatch, tmp_path):
    ran = await deliverwatch("forms", "--json")
    assert (ran.code, ran.err) == (0, "")
    found = {each["id"]: each for each in ran.document}
    assert set(found) == {form.id for form in load_forms()}
    assert all(set(each) == SHOWN for each in found.values())
    assert found["postmaster-letter"]["to"] == ["postmaster@{domain}", "abuse@{domain}"]
    assert (found["list-operator"]["url"], found["list-operator"]["caveat"]) == (None, None)
    assert list(tmp_path.iterdir()) == []


def test_they_are_shown_to_people_in_a_table(run):
    shown = run("forms").out
    assert re.search(r"^postmaster-letter +Letter to the postmaster +email +all others", shown, re.MULTILINE)


def test_a_form_is_shown_with_its_fields_and_what_fills_them(run, tmp_path):
    overlay(tmp_path)
    ran = run("forms", "show", "ours")
    assert ran.code == 0
    assert re.search(r"^  page +https://desk\.relay\.example/form$", ran.out, re.MULTILINE)
    assert re.search(r"^  again after +7 days$", ran.out, re.MULTILINE)
    assert re.search(r"^  quota +3 in 1 day for one subject$", ran.out, re.MULTILINE)
    assert re.search(r"^kind +Kind +block_kind +no +- +IP, Other$", ran.out, re.MULTILINE)
    document = (run("forms", "show", "ours", "--json")).document
    assert set(document) > SHOWN
    assert document["quota"] == {"requests": 3, "within": 86400.0, "per": "subject"}
    assert document["follow_up"]["denied"] == "ticket"
    assert document["fields"][0] == {
        "name": "ips", "label": "Addresses", "fact": "ips", "required": True, "limit": 200, "values": {},
        "separator": ", ",
    }  # fmt: skip


def test_a_form_that_is_not_there_is_named_with_the_nearest(run):
    ran = run("forms", "show", "list-operatr")
    assert (ran.code, ran.out) == (2, "")
    assert "unknown form 'list-operatr': did you mean 'list-operator'?; `deliverwatch forms` shows them" in ran.err


def test_the_shipped_forms_have_no_fault(run):
    ran = run("forms", "check")
    assert (ran.code, ran.out) == (0, f"{len(load_forms())} forms, no fault.\n"), ran.err
    assert (run("forms", "check", "--json")).document["faults"] == []


def test_every_fault_of_an_overlay_is_named(run, tmp_path):
    text = OWN + "providers: [gogle]\n"
    overlay(tmp_path, text, body="{{ ips }\n", denied="{{ ips / 0 }}\n")
    ran = run("forms", "check")
    assert (ran.code, ran.out) == (2, "")
    first, second = ran.err.splitlines()
    assert first == "forms/ours/form.yaml: providers: unknown mailbox provider 'gogle': did you mean 'google'?"
    assert second.startswith("forms/ours/body.txt.j2: line 1: ")


def test_a_letter_that_cannot_be_filled_is_found_by_filling_it(run, tmp_path):
    overlay(tmp_path, denied="{{ ips / 0 }}\n")
    ran = run("forms", "check", "--json")
    assert ran.code == 2
    assert [fault["file"] for fault in ran.document["faults"]] == ["forms/ours/denied.txt.j2"]


def test_a_folder_is_checked_instead_of_those_in_use(run, tmp_path):
    folder = overlay(tmp_path, OWN.replace("again_after: 7d", "again_after: soon"))
    ran = run("forms", "check", folder.parent)
    assert ran.code == 2
    assert ran.err.endswith(
        "forms/ours/form.yaml: line 8, again_after: 'soon' is not a duration: expected one such as 30m, 24h or 7d\n"
    )
    (folder / "form.yaml").write_text(OWN)
    assert (run("forms", "check", folder.parent)).out == "1 form, no fault.\n"
    assert (run("forms", "check", tmp_path / "nowhere")).code == 2


def test_a_folder_one_level_too_high_or_too_low_is_named(run, tmp_path):
    folder = overlay(tmp_path)
    too_high = run("forms", "check", folder.parent.parent)
    assert (too_high.code, too_high.out) == (2, "")
    assert f"is an overlay: its forms are in {folder.parent}, so check that folder" in too_high.err
    too_low = run("forms", "check", folder, "--json")
    assert too_low.code == 2
    assert "is one form: expected the folder that holds the forms" in too_low.document["faults"][0]["problem"]


def test_the_example_of_the_readme_has_no_fault(run, tmp_path):
    example = re.search(r"```yaml\n(id: example_mail\n.*?)```", (shipped("forms") / "README.md").read_text(), re.DOTALL)
    folder = tmp_path / "overlay" / "forms" / "example_mail"
    folder.mkdir(parents=True)
    (folder / "form.yaml").write_text(example[1])
    assert run("forms", "check", folder.parent).out == "1 form, no fault.\n"
    (tmp_path / "deliverwatch.toml").write_text('[catalogue]\noverlay = "overlay"\n')
    assert run("forms", "check").out == f"{len(load_forms()) + 1} forms, no fault.\n"
