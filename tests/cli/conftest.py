"""Commands as a user runs them: a process, its output, its exit code."""

import pytest

from deliverwatch.catalogue.blocklists import load_blocklists
from deliverwatch.sandbox.world import build_zones


@pytest.fixture
def deliverwatch(commands, tmp_path):
    """await deliverwatch("check", "192.0.2.1") -> Ran, in an empty folder and environment"""

    async def run(*arguments, **environment):
        usual = {"PATH": "/usr/bin:/bin", "HOME": tmp_path, "LC_ALL": "C.UTF-8", "USER": "robin"}
        ran = await commands.run(tmp_path, usual | environment, *arguments)
        assert "Traceback" not in ran.err, ran.err
        return ran

    return run


@pytest.fixture
def catalogue():
    return {blocklist.id: blocklist for blocklist in load_blocklists()}


@pytest.fixture
async def lists(start_nameserver, catalogue):
    """(nameserver, zone by list id), all of them well."""
    zones = build_zones(list(catalogue.values()), {})
    return await start_nameserver(*zones.values()), zones
