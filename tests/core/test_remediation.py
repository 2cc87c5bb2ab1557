"""A form filled from facts, and the life of a draft."""

import pytest

from deliverwatch.core.remediation import DraftState, Fact, Form, FormField, fill, may_become

FIELDS = (
    FormField("ip", "Address", "subject"),
    FormField("why", "What was changed", "what_changed", limit=20),
    FormField("phone", "Phone", "requester_phone", required=False),
    FormField("company", "Company", "requester_company"),
)
FORM = Form("f", "A form", FIELDS, "", "0", "2026-11-22", "made for the tests")


def filled(**facts):
    return fill(FORM, {name: Fact(value, f"source of {name}") for name, value in facts.items()})


def test_fields_keep_the_forms_order_and_name_their_source():
    fields, missing = filled(requester_company="Example ESP", what_changed="list cleaned", subject="192.0.2.10")
    assert [(field.name, field.value, field.source) for field in fields] == [
        ("ip", "192.0.2.10", "source of subject"),
        ("why", "list cleaned", "source of what_changed"),
        ("phone", None, None),
        ("company", "Example ESP", "source of requester_company"),
    ]
    assert missing == ()


def test_what_is_not_recorded_is_missing_with_what_to_do_and_never_invented():
    fields, missing = filled(subject="192.0.2.10")
    assert [field.value for field in fields] == ["192.0.2.10", None, None, None]
    assert {each.field: each.why for each in missing} == {
        "why": "only the customer knows what was changed to stop the cause: ask what, when and by whom",
        "company": "set company in [requester] of the configuration",
    }


def test_a_value_over_the_limit_is_kept_whole_and_told():
    fields, missing = filled(subject="192.0.2.10", what_changed="x" * 21, requester_company="Example ESP")
    assert fields[1].value == "x" * 21
    assert [(each.field, each.why) for each in missing] == [("why", "21 characters, the form takes 20: shorten it")]
    assert filled(subject="1", what_changed="x" * 20, requester_company="E")[1] == ()


def test_a_fact_that_no_field_wants_is_left_out():
    fields, _ = filled(secret="not asked for")
    assert "not asked for" not in repr(fields)


@pytest.mark.parametrize("state", DraftState)
@pytest.mark.parametrize("wanted", DraftState)
def test_a_draft_only_goes_forward(state, wanted):
    allowed = {
        ("prepared", "pulled"), ("prepared", "submitted"), ("prepared", "closed"),
        ("pulled", "pulled"), ("pulled", "submitted"), ("pulled", "closed"),
        ("submitted", "answered"), ("submitted", "closed"),
        ("answered", "answered"), ("answered", "closed"),
    }  # fmt: skip
    assert may_become(state, wanted) == ((state, wanted) in allowed)
