"""An API with something of everything behind it."""

import pytest

from remediation.read_once import read_once
from web.api.api_world import open_api, open_filled


@pytest.fixture
async def world(tmp_path, monkeypatch):
    read_once(monkeypatch)
    async with open_filled(tmp_path) as world:
        yield world


@pytest.fixture
async def bare(tmp_path, monkeypatch):
    """Two customers, and nothing has happened."""
    read_once(monkeypatch)
    async with open_api(tmp_path) as world:
        yield world
