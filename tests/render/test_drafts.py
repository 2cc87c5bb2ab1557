"""The text of a request: filled from facts, and from nothing else."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deliverwatch.core.blocklist import RemovalWay
from deliverwatch.core.errors import CatalogueError
from deliverwatch.core.remediation import Fact, Form
from deliverwatch.render.drafts import render_draft

BODY = """Please remove {{ subject }}.
{% if reason %}You say: {{ reason }}
{% endif %}{% if way == "automatic" %}Not to be sent.
{% endif %}
{{ requester_name }}
"""
FORM = Form("list-operator", "Removal", (), BODY, "0", "2026-11-22", "made for the tests")


def draft(body=BODY, way=RemovalWay.SELF_SERVICE, **facts):
    recorded = {name: Fact(value, "a test") for name, value in facts.items()}
    return render_draft(replace(FORM, body=body), recorded, way)


def test_facts_fill_the_text():
    text = draft(subject="192.0.2.10", reason="spam traps", requester_name="Pat Example")
    assert text == "Please remove 192.0.2.10.\nYou say: spam traps\n\nPat Example\n"


def test_what_is_not_recorded_is_marked_and_never_guessed():
    assert draft(subject="192.0.2.10") == "Please remove 192.0.2.10.\n\n[to be completed: requester name]\n"


def test_the_way_chooses_the_words():
    assert "Not to be sent." in draft(way=RemovalWay.AUTOMATIC)
    assert "Not to be sent." not in draft(way=RemovalWay.ACCOUNT)


@settings(deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_a_strangers_text_stays_on_its_line(reason):
    """Neither new lines nor template syntax in a value are ours."""
    lines = draft(subject="192.0.2.10", reason=f"x{reason}{{{{ 7 * 7 }}}}{{% if %}}", requester_name="Pat").splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("You say: x")
    assert (lines[2], lines[3]) == ("", "Pat")


@pytest.mark.parametrize(
    "body",
    [
        "{% if %}",
        "{{ subject",
        "{{ subject.__class__.__mro__ }}",
        "{{ ''.__class__.__base__.__subclasses__() }}",
        "{% include '/etc/passwd' %}",
    ],
)
def test_a_body_that_is_broken_or_reaches_out_is_the_operators_fault(body):
    with pytest.raises(CatalogueError) as fault:
        draft(body, subject="192.0.2.10")
    assert str(fault.value).startswith("forms/list-operator/body.txt.j2: ")
