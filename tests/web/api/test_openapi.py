"""OpenAPI tells of each operation all that a stranger needs: what it does, with true examples, and its errors."""

import re
from pathlib import Path

import jsonschema_rs
import pytest

from web.api.described import described, example_of, operations, schema_of

OPERATIONS = dict(operations())
PROBLEM = "application/problem+json"
ACTS = [label for label in OPERATIONS if not label.startswith("GET")]
DOCS = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")


def answers(operation):
    return operation["responses"]["200"]["content"].items()


def fits(value, content):
    schema, _ = schema_of(content)
    whole = {**schema, "components": described()["components"]}
    return [
        f"{error.instance_path}: {error.message}" for error in jsonschema_rs.validator_for(whole).iter_errors(value)
    ]


@pytest.mark.parametrize("label", OPERATIONS)
def test_an_operation_is_said_in_words_and_lets_in_by_token(label):
    operation = OPERATIONS[label]
    assert operation["security"] == [{"HTTPBearer": []}]
    assert all(operation[name] for name in ("operationId", "summary", "description", "tags"))
    for each in operation.get("parameters", ()):
        assert each["description"], each["name"]


@pytest.mark.parametrize("label", OPERATIONS)
def test_its_errors_are_problem_documents(label):
    errors = {status: each for status, each in OPERATIONS[label]["responses"].items() if status >= "400"}
    assert {"400", "401", "403", "404", "422", "503"} <= set(errors)
    assert all(list(each["content"]) == [PROBLEM] for each in errors.values())
    for status, each in errors.items():
        content = each["content"][PROBLEM]
        assert content["example"]["status"] == int(status)
        assert fits(content["example"], content) == []


@pytest.mark.parametrize("label", OPERATIONS)
def test_its_answer_has_an_example_that_is_as_described(label):
    for _, content in answers(OPERATIONS[label]):
        example = example_of(content)
        assert example is not None
        assert fits(example, content) == []
        assert not isinstance(example, dict) or set(example) <= set(schema_of(content)[0]["properties"])


@pytest.mark.parametrize("label", [label for label in OPERATIONS if "requestBody" in OPERATIONS[label]])
def test_its_body_has_an_example_that_is_as_described(label):
    for content in OPERATIONS[label]["requestBody"]["content"].values():
        example = example_of(content)
        assert example
        assert fits(example, content) == []
        assert set(example) <= set(schema_of(content)[0]["properties"])


@pytest.mark.parametrize("label", ACTS)
def test_what_is_read_in_headers_is_said(label):
    headers = {each["name"] for each in OPERATIONS[label].get("parameters", ()) if each["in"] == "header"}
    has_key = label.startswith("POST") and "/tokens" not in label
    is_of_draft = "/drafts/" in label
    assert headers == {name for name, said in (("Idempotency-Key", has_key), ("If-Match", is_of_draft)) if said}
    assert ("412" in OPERATIONS[label]["responses"]) == is_of_draft


def test_the_framework_s_own_errors_are_not_described():
    assert described()["openapi"].startswith("3.1")
    assert not [name for name in described()["components"]["schemas"] if "Validation" in name]


def test_the_stream_is_described():
    stream = OPERATIONS["GET /api/v1/events/stream"]
    assert [media_type for media_type, _ in answers(stream)] == ["text/event-stream"]
    assert "429" in stream["responses"]


def test_the_table_of_the_docs_is_what_there_is():
    rows = re.findall(r"^\| `(\w+) (/\S*)` \| (.+) \|$", DOCS, re.MULTILINE)
    told = {f"{method} /api/v1{path}" for method, path, _ in rows}
    assert len(rows) == len(told)
    assert told == set(OPERATIONS)
    assert all(words.strip() for *_, words in rows)
