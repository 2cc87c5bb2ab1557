import pytest

from remediation.read_once import read_once
from remediation.world import World


@pytest.fixture
async def world(tmp_path, monkeypatch):
    read_once(monkeypatch)
    world = await World(tmp_path).start()
    yield world
    await world.close()
