"""Every operation under examples made from what OpenAPI says of it: no fault of ours, and answers as described.

`DELIVERWATCH_EXAMPLES` is how many for each, 200 if nothing is said. Half of the ids are those of the world, and half
of what stands in a body is what its example says, so that more than the door is seen. Each operation has a world of its
own, a copy that is had in a tenth of a second: what one of them deletes, the next still finds.
"""

import asyncio
import json
import os
from contextlib import AsyncExitStack

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from deliverwatch.core.access import Scope
from deliverwatch.core.episode_ids import episode_id
from remediation.read_once import read_once
from web.api.api_world import open_filled
from web.api.described import described, example_of
from web.signing_in import ORIGIN

EXAMPLES = int(os.environ.get("DELIVERWATCH_EXAMPLES", "200"))
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
ENDLESS = "/api/v1/events/stream"
SCHEMA = schemathesis.openapi.from_dict(described())
OPERATIONS = {each.ok().label: each.ok() for each in SCHEMA.get_all_operations()}


async def known(world):
    """Ids that there are, by the name of the parameter."""
    drafts, alerts = await world.drafts(), await world.store.alerts_of(None)
    told = [(each.numbered.id, line.notification.id) for each in alerts for line in each.lines]
    silences, tokens = await world.store.silences(), await world.store.tokens()
    blocks = await world.store.episodes_of(None, limit=100)
    return {
        "customer_id": ["acme", "bravo"],
        "draft_id": [each.id for each in drafts],
        "ip": ["192.0.2.30", "198.51.100.7", "203.0.113.2"],
        "report_id": ["r-acme-2026-W47"],
        "list_id": ["psbl", "spamhaus-zen"],
        "number": [str(number) for number, _ in told],
        "message_id": [message for _, message in told],
        "silence_id": [each.id for each in silences],
        "token_id": [each.id for each in tokens if each.scope is Scope.READ],
        "block_id": [episode_id(each) for each in blocks],
    }


@pytest.mark.parametrize("label", [label for label in OPERATIONS if ENDLESS not in label])
def test_it_answers_as_it_is_described(label, tmp_path, monkeypatch):
    read_once(monkeypatch)
    operation = OPERATIONS[label]
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client, ids = runner.run(opened(stack, tmp_path))
        cases, example = operation.as_strategy(), body_of(label)

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(st.data())
        def ask(data):
            case = data.draw(cases)
            mean_something(case, data, ids, example)
            answered = runner.run(sent(client, case))
            case.validate_response(answered, checks=CHECKS)

        try:
            ask()
        finally:
            runner.run(stack.aclose())


def body_of(label):
    """Of the example, if there is a body."""
    method, path = label.split()
    body = described()["paths"][path][method.lower()].get("requestBody")
    return example_of(body["content"]["application/json"]) if body else {}


def mean_something(case, data, ids, example):
    for name in case.path_parameters or {}:
        if name in ids and data.draw(st.booleans()):
            case.path_parameters[name] = data.draw(st.sampled_from(ids[name]))
    if case.headers and "If-Match" in case.headers and data.draw(st.booleans()):
        del case.headers["If-Match"]
    if isinstance(case.body, dict):
        case.body |= {name: value for name, value in example.items() if data.draw(st.booleans())}


async def opened(stack, tmp_path):
    world = await stack.enter_async_context(open_filled(tmp_path))
    await world.token(Scope.READ)
    headers = await world.token(Scope.ADMIN)
    transport = httpx.ASGITransport(world.application)
    client = await stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers=headers))
    return client, await known(world)


async def sent(client, case):
    told = case.as_transport_kwargs(base_url=ORIGIN)
    headers = {name: value for name, value in told["headers"].items() if name.lower() not in NOT_OURS}
    body = {"content": told["data"]} if told.get("data") is not None else {}
    if "json" in told:
        body = {"content": json.dumps(told["json"]), "headers": headers | {"Content-Type": "application/json"}}
    return await client.request(told["method"], told["url"], params=told.get("params"), **{"headers": headers, **body})


NOT_OURS = {"authorization", "user-agent", "accept-encoding", "connection", "cookie"}
