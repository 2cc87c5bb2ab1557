"""A sender's DNS on a real nameserver."""

import pytest

from deliverwatch.sandbox.zones import Zone
from practice.dns_world import World


@pytest.fixture
async def world(start_nameserver):
    example, reverse = Zone("example"), Zone("2.0.192.in-addr.arpa")
    return World(await start_nameserver(example, reverse), example, reverse)
