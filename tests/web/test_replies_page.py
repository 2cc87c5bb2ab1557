"""Replies that no rule explains, for who sees all customers."""

import pytest

from web.desk_world import Seen
from web.watched_world import HOSTILE, READER, TAM_OF_ACME, open_watched


@pytest.fixture
async def watched(tmp_path):
    async with open_watched(tmp_path) as world:
        yield world


async def shown(world, status=200, **who):
    async with world.browser(**(who or READER)) as client:
        answer = await client.get("/replies")
    assert answer.status_code == status
    return Seen(answer.text)


async def test_what_looks_like_a_block_comes_first_with_what_the_rules_say_today(watched):
    puzzling, blocking = "451 try the other door", f"550 your kind is not liked here {HOSTILE}"
    await watched.read(replies=[(puzzling, 12, False), (blocking, 3, True)])
    page = await shown(watched)
    assert "1 kind of reply that is not understood looks like a block." in page.text
    assert page.text.index("550 your kind") < page.text.index("451 try the other door")
    assert "its words do not tell" in page.text
    assert "unknown" in page.text
    assert not [told for tag, told in page.tags if tag == "img"]


async def test_one_that_a_rule_of_today_explains_says_by_whom_and_by_which(watched):
    s3140 = (
        "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. Please contact your Internet service provider"
    )
    s3140 += " since part of their network is on our block list (S3140)."
    await watched.read(replies=[(s3140, 2, True)])
    text = (await shown(watched)).text
    assert "ip block: " in text
    assert watched.app.providers["microsoft_consumer"].name in text


async def test_nothing_unknown_is_said_so_where_anything_is_read(watched):
    assert "No source is set up" in (await shown(watched)).text
    await watched.read("postfix")
    assert "Every reply that was read was explained." in (await shown(watched)).text


async def test_it_is_not_for_who_sees_some_customers_only(watched):
    await watched.read(replies=[("451 try the other door", 12, False)])
    page = await shown(watched, 403, **TAM_OF_ACME)
    assert "451" not in page.text
    assert "/replies" not in page.links
