"""The examples of docs/api.md do what they show."""

import re
import shlex
from pathlib import Path

import httpx
import pytest

from deliverwatch.core.access import Scope
from web.signing_in import ORIGIN

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLES = [line for block in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) for line in block.splitlines()]


@pytest.mark.parametrize("line", EXAMPLES)
async def test_an_example_works_as_it_stands(world, line):
    draft = next(each for each in await world.drafts() if "192.0.2.20" in each.subjects)
    token = (await world.token(Scope.ADMIN))["Authorization"].removeprefix("Bearer ")
    for name, value in (("$TOKEN", token), ("$HOST", ORIGIN), ("$DRAFT", draft.id)):
        line = line.replace(name, value)
    command, *words = shlex.split(line)
    assert command == "curl"
    asked = {"method": "GET", "headers": {}}
    while len(words) > 1:
        option, value, *words = words
        match option:
            case "-X":
                asked["method"] = value
            case "-H":
                name, _, said = value.partition(": ")
                asked["headers"][name] = said
            case "-d":
                asked["content"] = value
    (url,) = words
    async with httpx.AsyncClient(transport=httpx.ASGITransport(world.application)) as client:
        answered = await client.request(url=url, **asked)
    assert answered.status_code == 200, answered.text
    assert answered.content


def test_there_are_examples():
    assert len(EXAMPLES) > 5
